// Package dump reads accounts from files in the form that "solana account --output json" prints, for tests and offline tools.
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

// maxFileSize bounds what is read: the largest account, 10 MiB, in base64 and some room.
const maxFileSize = 16 << 20

var (
	// ErrNotDump says that a file is not the dump of an account at all.
	ErrNotDump = errors.New("not an account dump")
	// ErrTooLarge says that a file is larger than the dump of any account.
	ErrTooLarge = errors.New("file too large for an account dump")
)

// Named is a dump with the name of its file, without folder and extension.
type Named struct {
	Name string
	accounts.Account
}

// file is what the command prints. "rentEpoch" has no use, and neither has "space": it is the size on chain, which the data
// falls short of in dumps that were cut.
type file struct {
	Address *solana.PublicKey `json:"pubkey"`
	Account *struct {
		Lamports   uint64           `json:"lamports"`
		Data       []string         `json:"data"`
		Owner      solana.PublicKey `json:"owner"`
		Executable bool             `json:"executable"`
	} `json:"account"`
}

// Read reads one dump. The error wraps [ErrNotDump] if the file is something else, JSON or not.
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
	// What lacks the two outer names is some other file; what has them must be right in every part.
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

// Dir reads all dumps of a folder, in the order of their names. It passes over subfolders and over JSON files that are not
// dumps; a dump that is broken is an error.
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

// FixturesVariable names the environment variable with the folder of account
// dumps for tests. A relative path starts at the root of the module.
const FixturesVariable = "SANCTUM_ACCOUNTS"

// Fixtures finds the folder of account dumps: the one that the environment
// names, or else ../shared/fixtures seen from the root of the module, if it
// exists. The root is the nearest folder at or above the working directory with
// a go.mod. Without such a folder, ok is false.
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
