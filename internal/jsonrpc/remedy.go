package jsonrpc

import "net/http"

// remedy returns what the user can do about a failure, or an empty string.
func (e *Error) remedy() string {
	switch {
	case e.HTTPStatus == http.StatusUnauthorized, e.HTTPStatus == http.StatusForbidden:
		return "check the key of the endpoint"
	case e.HTTPStatus == http.StatusNotFound:
		return "check the address of the endpoint"
	case e.HTTPStatus == http.StatusTooManyRequests, e.Code == http.StatusTooManyRequests:
		return "send fewer requests, or add another endpoint"
	}
	return ""
}
