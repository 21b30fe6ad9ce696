package serve_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/serve"
)

// TestOpenAPI_HasEveryRoute checks that the document has the routes of the
// handler, and no others.
func TestOpenAPI_HasEveryRoute(t *testing.T) {
	described := make(map[string][]string)
	for path, item := range readDocument(t).paths {
		for method := range item.(object) {
			described[path] = append(described[path], method)
		}
	}

	for path, methods := range serve.Routes() {
		got := described[path]
		slices.Sort(got)
		slices.Sort(methods)
		require.Equal(t, methods, got, path)
		delete(described, path)
	}

	require.Empty(t, described, "paths that no handler has")
}

func TestOpenAPI_IsServed(t *testing.T) {
	w := newWorld(t, nil)
	response := w.get("/openapi.json")
	require.Equal(t, 200, response.Code)
	require.Equal(t, serve.OpenAPI(), response.Body.Bytes())
}

// TestOpenAPI_NamesOperationsOnce checks that generated clients have one name
// for each operation.
func TestOpenAPI_NamesOperationsOnce(t *testing.T) {
	seen := make(map[any]string)
	for path, item := range readDocument(t).paths {
		for method, operation := range item.(object) {
			id := operation.(object)["operationId"]
			require.NotEmpty(t, id, path)
			require.Empty(t, seen[id], "%v of %s", id, path)
			seen[id] = method + " " + path
		}
	}
}
