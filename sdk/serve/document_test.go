package serve_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/serve"
)

// document is the OpenAPI document of the server.
type document struct {
	root  object
	paths object
}

func readDocument(t testing.TB) *document {
	t.Helper()
	d := new(document)
	require.NoError(t, json.Unmarshal(serve.OpenAPI(), &d.root))
	d.paths, _ = d.root["paths"].(object)
	require.NotEmpty(t, d.paths)
	return d
}

// operation returns the operation of a request, or nil.
func (d *document) operation(r *http.Request) object {
	method := strings.ToLower(r.Method)
	if method == "head" {
		method = "get"
	}

	for path, item := range d.paths {
		pattern := regexp.MustCompile(`\\\{\w+\\\}`).
			ReplaceAllString(regexp.QuoteMeta(path), "[^/]+")
		if !regexp.MustCompile("^" + pattern + "$").MatchString(r.URL.Path) {
			continue
		}

		operation, _ := item.(object)[method].(object)
		return operation
	}

	return nil
}

// checkResponse requires that the document describes a response.
func (d *document) checkResponse(
	t testing.TB, r *http.Request, response *httptest.ResponseRecorder,
) {
	t.Helper()
	operation := d.operation(r)
	name := r.Method + " " + r.URL.Path
	if operation == nil {
		require.Contains(t, []int{404, 405}, response.Code, "%s is not in the document", name)
		d.check(t, name, d.schema("Error"), response.Body.Bytes())
		return
	}

	responses, _ := operation["responses"].(object)
	described, ok := responses[fmt.Sprint(response.Code)].(object)
	require.True(t, ok, "%s: the document has no status %d: %s", name, response.Code, response.Body)

	content, _ := described["content"].(object)
	if content == nil {
		require.Empty(t, response.Body.Bytes(), name)
		return
	}

	kind, _, _ := strings.Cut(response.Header().Get("Content-Type"), ";")
	media, ok := content[kind].(object)
	require.True(t, ok, "%s: the document has no type %q", name, kind)
	if kind == "application/json" {
		schema, _ := media["schema"].(object)
		d.check(t, name, schema, response.Body.Bytes())
	}
}

func (d *document) schema(name string) object {
	return object{"$ref": "#/components/schemas/" + name}
}

// check requires that a text is JSON of a schema.
func (d *document) check(t testing.TB, name string, schema object, text []byte) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value), "%s: %s", name, text)
	problems := d.problems("$", schema, value)
	require.Empty(t, problems, "%s: %s", name, text)
}

// resolve follows the reference of a schema.
func (d *document) resolve(schema object) object {
	reference, ok := schema["$ref"].(string)
	if !ok {
		return schema
	}

	at := any(d.root)
	for _, part := range strings.Split(strings.TrimPrefix(reference, "#/"), "/") {
		at = at.(object)[part]
	}

	found, ok := at.(object)
	if !ok {
		panic("no schema " + reference)
	}

	return found
}

// problems returns where a value differs from a schema. It knows the keywords
// that the document uses.
func (d *document) problems(at string, schema object, value any) (found []string) {
	schema = d.resolve(schema)
	report := func(format string, args ...any) {
		found = append(found, at+": "+fmt.Sprintf(format, args...))
	}

	if kinds, ok := schema["type"]; ok && !hasKind(kinds, value) {
		report("%v is not %v", value, kinds)
		return found
	}

	if words, ok := schema["enum"].([]any); ok && !slices.Contains(words, value) {
		report("%v is not one of %v", value, words)
	}

	switch value := value.(type) {
	case string:
		if pattern, ok := schema["pattern"].(string); ok &&
			!regexp.MustCompile(pattern).MatchString(value) {
			report("%q does not match %s", value, pattern)
		}

	case json.Number:
		if least, ok := schema["minimum"].(float64); ok {
			if n, err := value.Float64(); err != nil || n < least {
				report("%s is below %v", value, least)
			}
		}

	case []any:
		items, _ := schema["items"].(object)
		for i, item := range value {
			found = append(found, d.problems(fmt.Sprintf("%s[%d]", at, i), items, item)...)
		}

	case object:
		found = append(found, d.objectProblems(at, schema, value)...)
	}

	return found
}

func (d *document) objectProblems(at string, schema, value object) (found []string) {
	properties, _ := schema["properties"].(object)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := value[name.(string)]; !ok {
			found = append(found, fmt.Sprintf("%s: %s is missing", at, name))
		}
	}

	for name, member := range value {
		if property, ok := properties[name].(object); ok {
			found = append(found, d.problems(at+"."+name, property, member)...)
			continue
		}

		switch more := schema["additionalProperties"].(type) {
		case object:
			found = append(found, d.problems(at+"."+name, more, member)...)
		case bool:
			if !more {
				found = append(found, fmt.Sprintf("%s: %s is not described", at, name))
			}
		}
	}

	return found
}

// hasKind reports whether a value has one of the types of a schema.
func hasKind(kinds, value any) bool {
	if several, ok := kinds.([]any); ok {
		return slices.ContainsFunc(several, func(kind any) bool { return hasKind(kind, value) })
	}

	switch value := value.(type) {
	case nil:
		return kinds == "null"
	case bool:
		return kinds == "boolean"
	case string:
		return kinds == "string"
	case []any:
		return kinds == "array"
	case object:
		return kinds == "object"
	case json.Number:
		whole := !strings.ContainsAny(value.String(), ".eE")
		return kinds == "number" || kinds == "integer" && whole
	}

	return false
}

// TestDocument_RefusesWhatDiffers checks the checks of the other tests.
func TestDocument_RefusesWhatDiffers(t *testing.T) {
	d := readDocument(t)
	for name, c := range map[string]struct {
		schema, text string
		problems     int
	}{
		"good":           {"Error", `{"errorCode":"NOT_FOUND","error":"x"}`, 0},
		"missing":        {"Error", `{"errorCode":"NOT_FOUND"}`, 1},
		"unknown word":   {"Error", `{"errorCode":"OTHER","error":"x"}`, 1},
		"more":           {"Error", `{"errorCode":"NOT_FOUND","error":"x","more":1}`, 1},
		"number":         {"Amount", `1`, 1},
		"negative":       {"Amount", `"-1"`, 1},
		"nested":         {"Price", `{"sol":"1","lamports":"x","tokens":"1"}`, 1},
		"null is health": {"Health", `{"status":"ok","slot":1,"ageMilliseconds":null}`, 0},
		"fraction":       {"Health", `{"status":"ok","slot":1.5,"ageMilliseconds":null}`, 1},
		"below":          {"Health", `{"status":"ok","slot":-1,"ageMilliseconds":null}`, 1},
		"items":          {"JupiterQuote", `[]`, 1},
	} {
		decoder := json.NewDecoder(strings.NewReader(c.text))
		decoder.UseNumber()
		var value any
		require.NoError(t, decoder.Decode(&value), name)
		require.Len(t, d.problems("$", d.schema(c.schema), value), c.problems, name)
	}
}
