package page_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/serve/page"
)

// files returns the names and texts of the files of the page.
func files(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir("static")
	require.NoError(t, err)
	texts := make(map[string]string)
	for _, entry := range entries {
		text, err := os.ReadFile("static/" + entry.Name())
		require.NoError(t, err)
		texts[entry.Name()] = string(text)
	}

	require.Greater(t, len(texts), 10)

	return texts
}

// served is the handler of all requests. It has no state.
var served = page.Handler()

// get requests a path with headers, given as names and values.
func get(method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path = target
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	served.ServeHTTP(w, r)
	return w
}

func TestHandler_ServesEveryFile(t *testing.T) {
	types := map[string]string{
		".html": "text/html; charset=utf-8",
		".css":  "text/css; charset=utf-8",
		".mjs":  "text/javascript; charset=utf-8",
		".svg":  "image/svg+xml",
	}

	for name, text := range files(t) {
		w := get(http.MethodGet, "/"+name)
		require.Equal(t, http.StatusOK, w.Code, name)
		require.Equal(t, text, w.Body.String(), name)
		require.Equal(t, types[path.Ext(name)], w.Header().Get("Content-Type"), name)
		require.Equal(t, strconv.Itoa(len(text)), w.Header().Get("Content-Length"), name)
	}

	require.Equal(t, get(http.MethodGet, "/index.html").Body, get(http.MethodGet, "/").Body)
}

// TestHandler_SetsSecurityHeaders checks the headers of pages and of errors.
// The policy is compared word by word: a wider one must be a decision.
func TestHandler_SetsSecurityHeaders(t *testing.T) {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
		"connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; " +
		"frame-ancestors 'none'"
	for _, w := range []*httptest.ResponseRecorder{
		get(http.MethodGet, "/"),
		get(http.MethodGet, "/app.mjs"),
		get(http.MethodGet, "/nothing"),
		get(http.MethodPost, "/"),
	} {
		require.Equal(t, policy, w.Header().Get("Content-Security-Policy"))
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", w.Header().Get("Referrer-Policy"))
		require.Equal(t, "DENY", w.Header().Get("X-Frame-Options"))
		require.Equal(t, "same-origin-allow-popups", w.Header().Get("Cross-Origin-Opener-Policy"))
		require.Equal(t, "same-origin", w.Header().Get("Cross-Origin-Resource-Policy"))
		require.Contains(t, w.Header().Get("Permissions-Policy"), "camera=()")
	}
}

func TestHandler_RefusesOtherPathsAndMethods(t *testing.T) {
	for _, target := range []string{
		"/page.go", "/static/index.html", "/../page.go", "/static", "//", "/app.mjs/", "",
		"/%2e%2e", "/APP.MJS", "/index.html\x00",
	} {
		w := get(http.MethodGet, target)
		require.Equal(t, http.StatusNotFound, w.Code, target)
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"), target)
		require.NotContains(t, w.Body.String(), "package page", target)
	}

	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodOptions, "ODD"} {
		w := get(method, "/")
		require.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		require.Equal(t, "GET, HEAD", w.Header().Get("Allow"), method)
	}
}

// TestHandler_AsksBrowsersToRevalidate checks that a browser that has a file
// gets 304, and that each form of a file has a tag of its own.
func TestHandler_AsksBrowsersToRevalidate(t *testing.T) {
	tags := make(map[string]string)
	for name := range files(t) {
		for _, coding := range []string{"", "gzip"} {
			w := get(http.MethodGet, "/"+name, "Accept-Encoding", coding)
			require.Equal(t, "no-cache", w.Header().Get("Cache-Control"), name)
			require.Equal(t, "Accept-Encoding", w.Header().Get("Vary"), name)
			require.Equal(t, coding, w.Header().Get("Content-Encoding"), name)
			tag := w.Header().Get("Etag")
			require.Regexp(t, `^"[0-9a-f]{24}(-gzip)?"$`, tag)
			require.Empty(t, tags[tag], "%s and %s", name, tags[tag])
			tags[tag] = name

			for _, has := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
				again := get(http.MethodGet, "/"+name, "Accept-Encoding", coding,
					"If-None-Match", has)
				require.Equal(t, http.StatusNotModified, again.Code, name)
				require.Empty(t, again.Body.Bytes(), name)
				require.Equal(t, tag, again.Header().Get("Etag"), name)
			}

			other := get(http.MethodGet, "/"+name, "Accept-Encoding", coding,
				"If-None-Match", `"other"`)
			require.Equal(t, http.StatusOK, other.Code, name)
		}
	}
}

func TestHandler_Compresses(t *testing.T) {
	text := files(t)["index.html"]
	for accepted, zipped := range map[string]bool{
		"gzip": true, "br, GZIP;q=0.5": true, "gzip;q=1.0": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "xgzip": false,
	} {
		w := get(http.MethodGet, "/", "Accept-Encoding", accepted)
		require.Equal(t, zipped, w.Header().Get("Content-Encoding") == "gzip", accepted)
		if !zipped {
			require.Equal(t, text, w.Body.String(), accepted)
			continue
		}

		require.Less(t, w.Body.Len(), len(text)/2)
		reader, err := gzip.NewReader(w.Body)
		require.NoError(t, err)
		unzipped, err := io.ReadAll(reader)
		require.NoError(t, err)
		require.Equal(t, text, string(unzipped))
	}
}

func TestHandler_AnswersHeadWithoutBody(t *testing.T) {
	w := get(http.MethodHead, "/")
	require.Equal(t, http.StatusOK, w.Code)
	require.Empty(t, w.Body.Bytes())
	require.Equal(t, strconv.Itoa(len(files(t)["index.html"])), w.Header().Get("Content-Length"))
}

// TestFiles_LoadNothingFromElsewhere checks that no file names another origin.
// The namespace of SVG is a name and is never loaded.
func TestFiles_LoadNothingFromElsewhere(t *testing.T) {
	elsewhere := regexp.MustCompile(`(?i)(\w+:)?//[\w\[][^\s"'` + "`" + `<>)]*`)
	comment := regexp.MustCompile(`^//( |$)`)
	for name, text := range files(t) {
		text = strings.ReplaceAll(text, "http://www.w3.org/2000/svg", "")
		for _, line := range strings.Split(text, "\n") {
			if comment.MatchString(strings.TrimSpace(line)) {
				continue
			}

			require.Empty(t, elsewhere.FindString(line), "%s: %s", name, line)
		}

		require.NotRegexp(t, `@import|url\(`, text, name)
	}
}

// TestFiles_HaveNothingInline checks that the page works under its policy, and
// that no code turns text into HTML or into code.
func TestFiles_HaveNothingInline(t *testing.T) {
	for name, text := range files(t) {
		if path.Ext(name) == ".html" || path.Ext(name) == ".svg" {
			require.NotRegexp(t, `(?i)\s(on\w+|style)\s*=`, text, name)
			require.NotRegexp(t, `(?i)<(style|iframe|object|embed|base|form [^>]*action)`, text,
				name)
			require.NotRegexp(t, `(?i)javascript:`, text, name)
			for _, script := range regexp.MustCompile(`(?is)<script([^>]*)>(.*?)</script>`).
				FindAllStringSubmatch(text, -1) {
				require.Contains(t, script[1], "src=", name)
				require.Empty(t, script[2], name)
			}
		}

		if path.Ext(name) == ".mjs" {
			require.NotRegexp(t, `innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|`+
				`createContextualFragment|DOMParser|setHTML|\beval\b|new Function|\.cssText|`+
				`setTimeout\(['"`+"`"+`]|import\(`, text, name)
		}
	}
}

// TestFiles_KeepFloatsFromMoney lists the files that may make a Number of
// something: geometry, time, sizes and colours. No other may.
func TestFiles_KeepFloatsFromMoney(t *testing.T) {
	float := regexp.MustCompile(`\bNumber\(|parseFloat|parseInt|\bMath\.|toFixed|\+\w+\.value\b`)
	allowed := map[string]string{
		"amount.mjs":   `Math.max(0, decimals - length)|Math.min(decimals, Math.max(6, leading + 4))|Math.max(scale, fraction.length)`,
		"base.mjs":     `Number(number % 58n)`,
		"text.mjs":     `Math.max(0, Math.round(milliseconds / 1000))|Math.round(seconds / 60)|Math.round(seconds / 3600)`,
		"infinity.mjs": "",
		"treemap.mjs":  "",
		"picker.mjs":   "",
		"table.mjs":    "",
		"swap.mjs":     `Number(event.target.value)|Math.max(this.#answeredAt, this.#triedAt)`,
	}

	for name, text := range files(t) {
		if path.Ext(name) != ".mjs" {
			continue
		}

		exceptions, ok := allowed[name]
		if ok && exceptions == "" {
			continue
		}

		if exceptions != "" {
			for _, exception := range strings.Split(exceptions, "|") {
				require.Contains(t, text, exception, "%s: the exception is not needed any more",
					name)
				text = strings.ReplaceAll(text, exception, "")
			}
		}

		require.Empty(t, float.FindString(text), name)
	}
}

// TestFiles_ElementsThatCodeNamesExist checks that each id that the code looks
// up is one of the document, and that ids are unique.
func TestFiles_ElementsThatCodeNamesExist(t *testing.T) {
	all := files(t)
	ids := make(map[string]bool)
	for _, found := range regexp.MustCompile(`\sid="([^"]+)"`).
		FindAllStringSubmatch(all["index.html"], -1) {
		require.False(t, ids[found[1]], "%s is there twice", found[1])
		ids[found[1]] = true
	}

	for name, text := range all {
		for _, found := range regexp.MustCompile(`byId\('([^']+)'\)`).
			FindAllStringSubmatch(text, -1) {
			require.True(t, ids[found[1]], "%s looks for %s", name, found[1])
		}
	}

	for _, found := range regexp.MustCompile(`\s(?:for|aria-\w+by|aria-controls)="([^"]+)"`).
		FindAllStringSubmatch(all["index.html"], -1) {
		require.True(t, ids[found[1]], "%s labels nothing", found[1])
	}
}

// TestModules runs the tests of the page's modules with Node. They need no
// packages.
func TestModules(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("install Node 20 or later to run the tests of the page's modules")
	}

	version, err := exec.CommandContext(t.Context(), node, "-p",
		"process.versions.node.split('.')[0]").Output()
	require.NoError(t, err)
	if major, err := strconv.Atoi(strings.TrimSpace(string(version))); err != nil || major < 20 {
		t.Skipf("install Node 20 or later to run the tests of the page's modules: it is %s",
			version)
	}

	tests, err := os.ReadDir("test")
	require.NoError(t, err)
	arguments := []string{"--test"}
	for _, test := range tests {
		arguments = append(arguments, "test/"+test.Name())
	}

	output, err := exec.CommandContext(t.Context(), node, arguments...).CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Regexp(t, `(?m)^(#|ℹ) pass [1-9]`, string(output))
}

// TestStatic_NamesCosts checks that the page knows the costs that have limits
// of their own in a policy by the names that quotes give them.
func TestStatic_NamesCosts(t *testing.T) {
	for _, name := range []string{route.PriorityFeeCost, route.ReceiptRentCost} {
		require.Contains(t, files(t)["quotes.mjs"], "cost.name !== '"+name+"'")
	}
}
