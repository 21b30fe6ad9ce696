package sanctum_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// workflowFile is the workflow of a public CI.
const workflowFile = ".github/workflows/ci.yml"

// unknownSteps returns the steps of .ci/run in a workflow that do not exist.
func unknownSteps(workflow string, steps []string) (unknown []string) {
	for _, m := range regexp.MustCompile(`run: \.ci/run(.*)`).FindAllStringSubmatch(workflow, -1) {
		for step := range strings.FieldsSeq(m[1]) {
			if !slices.Contains(steps, step) {
				unknown = append(unknown, step)
			}
		}
	}
	return unknown
}

// TestWorkflow_MatchesTheGate compares the workflow with the steps of .ci/run
// and with the oldest Go version, which go.mod names.
func TestWorkflow_MatchesTheGate(t *testing.T) {
	read, err := os.ReadFile(workflowFile)
	require.NoError(t, err)
	workflow := string(read)
	steps, _ := gateNames(t)
	require.Empty(t, unknownSteps(workflow, steps), "%s runs steps that .ci/run does not have",
		workflowFile)
	require.Regexp(t, `(?m)run: \.ci/run\r?$`, workflow, "the whole gate")

	module, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	oldest := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	require.NotNil(t, oldest)
	matrices := regexp.MustCompile(`(?m)^ +go: \[(.*)\]`).FindAllStringSubmatch(workflow, -1)
	require.NotEmpty(t, matrices)
	for _, m := range matrices {
		require.Equal(t, `"`+string(oldest[1])+`.x", "stable"`, m[1],
			"the oldest version of go.mod, and the newest")
	}
}

// TestWorkflow_FindsUnknownSteps reads steps that do not exist.
func TestWorkflow_FindsUnknownSteps(t *testing.T) {
	workflow := "- run: .ci/run\n- run: .ci/run vet walk\n"
	require.Equal(t, []string{"walk"}, unknownSteps(workflow, []string{"vet"}))
}
