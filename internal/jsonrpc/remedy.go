package jsonrpc

import "net/http"

// remedy is what the user can do about a failure; empty if nothing is known.
func (e *Error) remedy() string {
	switch {
	case e.HTTPStatus == http.StatusUnauthorized, e.HTTPStatus == http.StatusForbidden:
		return "check the key of the endpoint"
	case e.HTTPStatus == http.StatusNotFound:
		return "check the address of the endpoint"
	case e.HTTPStatus == http.StatusTooManyRequests, e.Code == http.StatusTooManyRequests:
		return "ask less often, or name another endpoint"
	}
	return ""
}
