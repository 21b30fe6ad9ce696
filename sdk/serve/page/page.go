// Package page is a web page for the server of package serve: it shows all
// routes of a trade side by side, prices and yields, and what Infinity holds,
// and trades with a wallet of the Wallet Standard.
//
// Mount it next to the server's own paths:
//
//	handler, err := serve.New(serve.Config{
//		Markets: serve.Fixed(market), // or a watcher
//		Client:  client,
//		Other:   page.Handler(),
//	})
//	if err != nil {
//		return err
//	}
//
// The page consists of the files in the folder static, as they are: nothing is
// built, and nothing is loaded from elsewhere. Its content security policy
// permits scripts, styles and connections of its own origin only, and no inline
// script or style. Text from the server, tokens and wallets is shown as text
// and never as HTML. Amounts are integers in the page too.
package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed static
var static embed.FS

// index is the file that answers the path of a folder.
const index = "index.html"

// security are the headers of every response. The page may load and call its
// own origin only, other pages may not frame it, and a wallet may open windows.
var security = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
		"connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; " +
		"frame-ancestors 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin-allow-popups",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=()",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

// types are the content types by the extension of a file.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".mjs":  "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// file is a file in the forms in which it is sent.
type file struct {
	contentType    string
	text, zipped   []byte
	tag, zippedTag string
}

// handler serves the files by their path from the root.
type handler struct{ files map[string]*file }

// Handler returns the handler of the page. It answers GET and HEAD for the root
// and the files of the page, and 404 for all other paths. It never answers with
// a file that the module does not contain, and it is safe for concurrent use.
//
// A browser keeps the files and asks each time whether they are still current,
// so that a new version of the server is never mixed with an old page.
func Handler() http.Handler {
	h := handler{files: make(map[string]*file)}
	err := fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}

		text, err := static.ReadFile(name)
		if err != nil {
			return err
		}

		served := newFile(path.Ext(name), text)
		name = strings.TrimPrefix(name, "static")
		h.files[name] = served
		if name == "/"+index {
			h.files["/"] = served
		}

		return nil
	})
	if err != nil {
		// The files are part of the program, so reading them cannot fail.
		panic(fmt.Sprintf("page: embedded files: %v", err))
	}

	return h
}

// newFile prepares a file.
func newFile(extension string, text []byte) *file {
	var zipped bytes.Buffer
	// Writing to memory cannot fail.
	writer, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	_, _ = writer.Write(text)
	_ = writer.Close()

	sum := sha256.Sum256(text)
	version := hex.EncodeToString(sum[:12])

	return &file{
		contentType: types[extension],
		text:        text,
		zipped:      zipped.Bytes(),
		tag:         `"` + version + `"`,
		zippedTag:   `"` + version + `-gzip"`,
	}
}

// ServeHTTP answers a request.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if w == nil || r == nil || r.URL == nil {
		return
	}

	header := w.Header()
	for name, value := range security {
		header.Set(name, value)
	}

	f := h.files[r.URL.Path]
	switch {
	case f == nil:
		header.Set("Cache-Control", "no-store")
		http.Error(w, "no such page", http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		header.Set("Cache-Control", "no-store")
		http.Error(w, "the page takes GET and HEAD", http.StatusMethodNotAllowed)

	default:
		f.serve(w, r)
	}
}

// serve sends the file, compressed if the client takes that, or 304 if the
// client has it.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	text, tag := f.text, f.tag
	if acceptsGzip(r.Header) {
		text, tag = f.zipped, f.zippedTag
		w.Header().Set("Content-Encoding", "gzip")
	}

	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("Etag", tag)
	w.Header().Set("Vary", "Accept-Encoding")
	if has(r.Header, tag) {
		w.Header().Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}

	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(text) // The client has gone if this fails.
	}
}

// acceptsGzip reports whether a client takes gzip. A weight of 0 refuses it.
func acceptsGzip(header http.Header) bool {
	for _, line := range header.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(line, ",") {
			coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
			if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
				continue
			}

			weight = strings.TrimPrefix(strings.TrimSpace(weight), "q=")
			return strings.Trim(weight, "0.") != "" || weight == ""
		}
	}

	return false
}

// has reports whether a client names a tag as one that it has.
func has(header http.Header, tag string) bool {
	for _, line := range header.Values("If-None-Match") {
		for part := range strings.SplitSeq(line, ",") {
			part = strings.TrimSpace(part)
			if part == "*" || strings.TrimPrefix(part, "W/") == tag {
				return true
			}
		}
	}
	return false
}
