// Package dump reads accounts from files in the format of "solana account
// --output json". It is for tests and offline tools.
package dump

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// maxFileSize is the maximum size of a file. It fits an account of the maximum
// size, 10 MiB, in base64.
const maxFileSize = 16 << 20

var (
	// ErrNotDump is returned by [Read] when the file is not an account dump.
	ErrNotDump = errors.New("not an account dump")
	// ErrTooLarge is returned when the file is larger than the dump of any
	// account.
	ErrTooLarge = errors.New("file too large for an account dump")
)

// Named is an account with the name of its file, without the folder and the
// extension.
type Named struct {
	Name string
	accounts.Account
}

// file is the JSON format of a dump. The fields "rentEpoch" and "space" are not
// used: "space" is the size on chain, but the data of a dump may be a part of
// it.
type file struct {
	Address *solana.PublicKey `json:"pubkey"`
	Account *struct {
		Lamports   uint64           `json:"lamports"`
		Data       []string         `json:"data"`
		Owner      solana.PublicKey `json:"owner"`
		Executable bool             `json:"executable"`
	} `json:"account"`
}

// Read reads one dump. The error wraps [ErrNotDump] if the file is not an
// account dump.
func Read(path string) (accounts.Account, error) {
	a, err := read(path)
	if err != nil {
		return accounts.Account{}, fmt.Errorf("read account dump %s: %w", filepath.Base(path), err)
	}
	return a, nil
}

func read(path string) (a accounts.Account, err error) {
	text, err := readFile(path)
	if err != nil {
		return a, err
	}

	var f file
	// A file without the two outer keys is not a dump. A file that has them
	// must be a valid dump.
	var outer map[string]json.RawMessage
	if json.Unmarshal(text, &outer) != nil || outer["pubkey"] == nil || outer["account"] == nil {
		return a, ErrNotDump
	}

	switch err := json.Unmarshal(text, &f); {
	case err != nil:
		return a, err
	case f.Address == nil || f.Account == nil:
		return a, errors.New("address or account is null")
	case len(f.Account.Data) != 2 || f.Account.Data[1] != "base64":
		return a, errors.New("data is not in base64")
	}

	data, err := base64.StdEncoding.DecodeString(f.Account.Data[0])
	if err != nil {
		return a, err
	}

	return accounts.Account{
		Address:    *f.Address,
		Owner:      f.Account.Owner,
		Lamports:   f.Account.Lamports,
		Data:       data,
		Executable: f.Account.Executable,
	}, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}

	defer f.Close()
	var text bytes.Buffer
	if _, err := io.Copy(&text, io.LimitReader(f, maxFileSize+1)); err != nil {
		return nil, err
	}

	if text.Len() > maxFileSize {
		return nil, ErrTooLarge
	}

	return text.Bytes(), nil
}

// Dir reads all dumps in a folder, sorted by name. It skips subfolders and JSON
// files that are not dumps. It returns an error if a dump is invalid.
func Dir(dir string) ([]Named, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}

	var list []Named
	for _, e := range entries {
		name, isJSON := strings.CutSuffix(e.Name(), ".json")
		if e.IsDir() || !isJSON {
			continue
		}

		a, err := Read(filepath.Join(dir, e.Name()))
		if errors.Is(err, ErrNotDump) {
			continue
		}

		if err != nil {
			return nil, err
		}

		list = append(list, Named{Name: name, Account: a})
	}

	return list, nil
}

// FixturesVariable is the environment variable with the folder of account dumps
// for tests. A relative path is relative to the root of the module.
const FixturesVariable = "SANCTUM_ACCOUNTS"

// Fixtures returns the folder of account dumps: the folder in
// [FixturesVariable], or else ../shared/fixtures relative to the root of the
// module. The root is the nearest folder with a go.mod, from the working
// directory upwards. ok is false if the folder does not exist.
func Fixtures() (dir string, ok bool) {
	named := os.Getenv(FixturesVariable)
	if filepath.IsAbs(named) {
		return named, true
	}

	at, err := os.Getwd()
	if err != nil {
		return "", false
	}

	for !exists(filepath.Join(at, "go.mod")) {
		up := filepath.Dir(at)
		if up == at {
			return "", false
		}

		at = up
	}

	if named != "" {
		return filepath.Join(at, named), true
	}

	dir = filepath.Join(at, "..", "shared", "fixtures")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", false
	}

	return dir, true
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
