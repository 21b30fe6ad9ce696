package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// senderVariable marks the process that makes quotes for another one.
const senderVariable = "SANCTUM_E2E_SENDER"

// senderTask is a line that the sender reads: the market to load, and what to
// ask it.
type senderTask struct {
	Endpoint string
	Tokens   []lst.LST
	Builds   map[string]string
	Stake    solana.PublicKey
	Requests []route.Request
}

// TestPortable_Sender is the process that makes quotes. It reads tasks, and
// writes for each the JSON of the quotes of each request as a line to the
// file with the number 3.
func TestPortable_Sender(t *testing.T) {
	if os.Getenv(senderVariable) == "" {
		t.Skip("this is the second process of TestPortable_Executes")
	}

	out := json.NewEncoder(os.NewFile(3, "quotes"))
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}

		require.NoError(t, err)
		var task senderTask
		require.NoError(t, json.Unmarshal(line, &task))
		require.NoError(t, out.Encode(task.quotes(t)))
	}
}

// quotes makes the quotes of a task.
func (task *senderTask) quotes(t *testing.T) (all [][]route.Quote) {
	registry, err := lst.Default().With(task.Tokens...)
	require.NoError(t, err)
	options := []sdk.Option{sdk.WithRegistry(registry)}
	for program, hash := range task.Builds {
		options = append(options, sdk.WithProgramBuild(solana.MustPublicKeyFromBase58(program),
			hash))
	}

	client, err := sdk.New(task.Endpoint, options...)
	require.NoError(t, err)
	loader := route.NewLoader(task.Tokens...).WithStakeAccounts(task.Stake).
		WithStakeSources(route.MostStakeAccounts)
	market, err := client.LoadMarketWith(t.Context(), loader)
	require.NoError(t, err)
	for _, request := range task.Requests {
		quotes, _ := market.Quotes(request)
		all = append(all, quotes)
	}

	return all
}

// sender is the process that makes quotes.
type sender struct {
	t   testing.TB
	in  *json.Encoder
	out *bufio.Reader
}

// startSender starts the test program once more. It ends with the test.
func startSender(t *testing.T) *sender {
	program, err := os.Executable()
	require.NoError(t, err)
	read, write, err := os.Pipe()
	require.NoError(t, err)
	command := exec.CommandContext(context.Background(), program, "-test.run",
		"^TestPortable_Sender$",
		"-test.timeout", "0")
	command.Env = append(os.Environ(), senderVariable+"=1")
	command.ExtraFiles = []*os.File{write}
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	stdin, err := command.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	require.NoError(t, write.Close())
	t.Cleanup(func() {
		require.NoError(t, stdin.Close())
		require.NoError(t, command.Wait())
		require.NoError(t, read.Close())
	})

	return &sender{
		t:   t,
		in:  json.NewEncoder(stdin),
		out: bufio.NewReader(read),
	}
}

// quotes returns the JSON of the quotes of each request.
func (s *sender) quotes(task senderTask) (all [][]json.RawMessage) {
	require.NoError(s.t, s.in.Encode(task))
	line, err := s.out.ReadBytes('\n')
	require.NoError(s.t, err, "the process that makes quotes has ended")
	require.NoError(s.t, json.Unmarshal(line, &all))
	return all
}

// buildsOf returns the known builds by program.
func (r *waysRun) buildsOf() map[string]string {
	builds := make(map[string]string)
	for program, hash := range r.builds {
		if hash != "" {
			builds[fmt.Sprint(program)] = hash
		}
	}
	return builds
}
