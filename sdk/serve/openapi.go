package serve

import (
	_ "embed" // for the document
	"slices"
)

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the OpenAPI 3.1 document of the handler, in JSON. It is what
// /openapi.json answers.
func OpenAPI() []byte { return slices.Clone(openAPI) }

// getOpenAPI answers /openapi.json.
func getOpenAPI(x *exchange) error {
	x.out = append(x.out[:0], openAPI...)
	return nil
}
