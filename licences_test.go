package sanctum_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	licencesFile   = "docs/licences.md"
	licencesBegin  = "<!-- licences: written by licences_test.go -->\n"
	licencesEnd    = "<!-- end of licences -->\n"
	licencesRecord = "go test -run TestLicences . -update"
)

// noLicence marks modules without a licence text. The notes of docs/licences.md
// explain each of them.
const noLicence = "none in the module"

// withoutLicence lists the modules without a licence text.
var withoutLicence = []string{"github.com/gagliardetto/treeout"}

// licences maps a licence to texts that identify it. All of them must occur.
var licences = []struct {
	name  string
	texts []string
}{
	{"Apache-2.0", []string{"Apache License", "Version 2.0"}},
	{"MPL-2.0", []string{"Mozilla Public License", "2.0"}},
	{"BSD-3-Clause",
		[]string{"Redistribution and use in source and binary forms", "Neither the name"}},
	{"BSD-2-Clause", []string{"Redistribution and use in source and binary forms"}},
	{"MIT", []string{"Permission is hereby granted, free of charge"}},
	{"Unlicense",
		[]string{"This is free and unencumbered software released into the public domain"}},
	{"ISC", []string{"Permission to use, copy, modify, and/or distribute this software"}},
	{"ISC", []string{"Permission to use, copy, modify, and distribute this software for any " +
		"purpose with or without fee"}},
}

// licenceOf identifies the licences in a text, or returns "".
func licenceOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	var found []string
	for _, l := range licences {
		isMissing := func(part string) bool { return !strings.Contains(text, part) }
		if slices.ContainsFunc(l.texts, isMissing) {
			continue
		}

		if l.name != "BSD-2-Clause" || !slices.Contains(found, "BSD-3-Clause") {
			found = append(found, l.name)
		}
	}

	return strings.Join(found, ", ")
}

// linkedModule is a module with packages that the public packages import.
type linkedModule struct {
	Path, Version, Dir string
	Main               bool
}

// linkedModules returns the modules that a program with the public packages
// links.
func linkedModules(t *testing.T) map[string]linkedModule {
	t.Helper()
	args := []string{"list", "-deps", "-json=Module"}
	for _, name := range public {
		args = append(args, "./"+name)
	}

	list := exec.CommandContext(t.Context(), "go", args...)
	list.Env = append(os.Environ(), "GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=-mod=readonly")
	out, err := list.Output()
	require.NoError(t, err)

	found := make(map[string]linkedModule)
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct{ Module *linkedModule }
		err := decoder.Decode(&pkg)
		if errors.Is(err, io.EOF) {
			return found
		}

		require.NoError(t, err)
		if pkg.Module != nil && !pkg.Module.Main {
			found[pkg.Module.Path] = *pkg.Module
		}
	}
}

// licenceFile reads the licence of a module.
func licenceFile(t *testing.T, m linkedModule) string {
	t.Helper()
	entries, err := os.ReadDir(m.Dir)
	require.NoError(t, err)
	isLicence := regexp.MustCompile(`(?i)^(licen[cs]e|copying)(\.(md|txt))?$`)
	for _, e := range entries {
		if isLicence.MatchString(e.Name()) {
			text, err := os.ReadFile(filepath.Join(m.Dir, e.Name()))
			require.NoError(t, err)
			return string(text)
		}
	}

	return ""
}

// TestLicences_AreListed compares the table of docs/licences.md with the linked
// modules and the texts of their licences.
func TestLicences_AreListed(t *testing.T) {
	modules := linkedModules(t)
	var table strings.Builder
	table.WriteString("\n| module | licence |\n|---|---|\n")
	for _, name := range sortedKeys(modules) {
		licence := licenceOf(licenceFile(t, modules[name]))
		if licence == "" && slices.Contains(withoutLicence, name) {
			licence = noLicence
		}

		if licence == "" {
			t.Errorf(
				"%s: its licence is not one of the known ones: read it before you add it to this test",
				name,
			)

			continue
		}

		fmt.Fprintf(&table, "| %s | %s |\n", name, licence)
	}

	table.WriteString("\n")

	page, err := os.ReadFile(licencesFile)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(strings.ReplaceAll(string(page), "\r\n", "\n"), licencesBegin)
	require.True(t, ok, "%s lost its table", licencesFile)
	recorded, after, ok := strings.Cut(rest, licencesEnd)
	require.True(t, ok, "%s lost the end of its table", licencesFile)

	if *updateSurface {
		text := before + licencesBegin + table.String() + licencesEnd + after
		require.NoError(t, os.WriteFile(licencesFile, []byte(text), 0o600))
		return
	}

	require.Equal(t, table.String(), recorded, "look at each new licence, then run %s",
		licencesRecord)
}

// TestLicences_Recognized identifies licences by their first lines.
func TestLicences_Recognized(t *testing.T) {
	const redistribution = "Redistribution and use in source and binary forms"
	for _, test := range []struct{ text, want string }{
		{"Apache License\n   Version 2.0, January 2004", "Apache-2.0"},
		{"Permission is hereby granted,\nfree of charge, to any", "MIT"},
		{redistribution + ", with or without\nmodification", "BSD-2-Clause"},
		{
			redistribution + "\nNeither the name of Google Inc. nor the names of its",
			"BSD-3-Clause",
		},
		{
			"Apache License, Version 2.0, for some files; " +
				"Permission is hereby granted, free of charge",
			"Apache-2.0, MIT",
		},
		{"GNU GENERAL PUBLIC LICENSE\nVersion 3", ""},
		{"", ""},
	} {
		require.Equal(t, test.want, licenceOf(test.text), test.text)
	}
}
