package jsonrpc

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Socket is the address of a WebSocket server. Like a [Client] it shows no more
// of it than scheme://host.
type Socket struct {
	// target is a function for the same reason as Client.fleet.
	target func() *socketTarget
}

type socketTarget struct {
	*core
	dial   string
	header http.Header
}

// NewSocket returns the address of the WebSocket server at endpoint, which is
// sent header with the handshake. [ErrInsecure] is returned if a key would
// travel unencrypted and insecure is not set.
func NewSocket(endpoint string, header http.Header, insecure bool) (*Socket, error) {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil:
		return nil, errors.New("websocket is not a valid URL")
	case u.Scheme != "ws" && u.Scheme != "wss":
		return nil, errors.New("websocket must start with ws:// or wss://")
	case u.Hostname() == "":
		return nil, errors.New("websocket has no host")
	}

	sent := http.Header{}
	for name, values := range header {
		sent[http.CanonicalHeaderKey(name)] = append([]string(nil), values...)
	}

	if u.User != nil && sent.Get("Authorization") == "" {
		password, _ := u.User.Password()
		sent.Set("Authorization", "Basic "+
			base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password)))
	}

	if u.Scheme == "ws" && !insecure && !isLoopback(u.Hostname()) && hasCredentials(u, sent) {
		return nil, fmt.Errorf("%w: use wss", ErrInsecure)
	}

	origin := url.URL{Scheme: u.Scheme, Host: u.Host}
	bare := *u
	bare.User, bare.Fragment, bare.RawFragment = nil, "", ""
	target := &socketTarget{
		core: &core{
			origin:  origin.String(),
			host:    u.Host,
			secrets: newSecrets(u, sent),
		},
		dial:   bare.String(),
		header: sent,
	}

	return &Socket{target: func() *socketTarget { return target }}, nil
}

// Dial returns the URL and the header of the handshake, which hold the keys.
func (s *Socket) Dial() (address string, header http.Header) {
	t := s.target()
	return t.dial, t.header.Clone()
}

// String returns the scheme and the host.
func (s *Socket) String() string { return s.target().origin }

// GoString returns String, so that %#v shows no more than %v.
func (s *Socket) GoString() string { return s.String() }

// Fail returns the error of an operation, on one line and without the text of a
// cause that contains a part of a key. errors.Is finds the cause.
func (s *Socket) Fail(operation string, cause error) error {
	var withURL *url.Error
	text := cause
	if errors.As(cause, &withURL) && withURL.Err != nil {
		text = withURL.Err
	}
	return s.target().fail(operation, text.Error(), cause)
}

// Clean returns a foreign text on one bounded line, or a mark in its place if
// it contains a part of a key.
func (s *Socket) Clean(text string) string { return s.target().clean(text) }
