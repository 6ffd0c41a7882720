// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen"
)

// schemaName is where editors find the JSON Schema, beside sockgen.yaml or the schema.
const schemaName = ".sockgen/schema.json"

// A schemaFlags is what the command line of schema says.
type schemaFlags struct {
	settings settings
	out      string
	comment  bool
}

func (a *app) schemaCommand() *cobra.Command {
	f := &schemaFlags{}
	cmd := &cobra.Command{
		Use: "schema [flags]", Short: "Writes a JSON Schema, with which editors complete and explain keys",
		Example: "  sockgen schema -comment\n  sockgen schema -out -",
		Args:    noArgs,
		RunE:    a.runs(func([]string) (int, error) { return a.jsonSchema(f), nil }),
	}
	f.settings.bind(cmd)
	cmd.Flags().StringVar(&f.out, "out", "", "the `file` to write, or - for stdout (default "+schemaName+" beside sockgen.yaml, else beside the schema)")
	cmd.Flags().BoolVar(&f.comment, "comment", false, "begin the schema with the comment by which editors find it")
	return cmd
}

// jsonSchema writes the JSON Schema of the language, and says how editors find it.
func (a *app) jsonSchema(f *schemaFlags) int {
	if f.out == "-" {
		if _, err := a.stdout.Write(gen.JSONSchema()); err != nil {
			return a.fail(err)
		}
		return statusFine
	}
	w := a.complete(&f.settings)
	if w == nil {
		return statusFail
	}
	out := f.out
	if out == "" {
		beside := w.documents[0].schema
		if w.config != "" {
			beside = w.config
		}
		out = filepath.Join(filepath.Dir(beside), filepath.FromSlash(schemaName))
	}
	files, err := w.files()
	if err == nil {
		err = a.writeSchema(out)
	}
	for _, file := range files {
		if err == nil {
			err = a.pointTo(out, file, f.comment)
		}
	}
	if err != nil {
		return a.fail(err)
	}
	return statusFine
}

// files returns the schemas and what they import, each once.
func (w *workspace) files() ([]string, error) {
	var all []string
	for _, d := range w.documents {
		in, err := d.input()
		if err != nil {
			return nil, err
		}
		for _, name := range append([]string{d.schema}, gen.Imports(in)...) {
			if name = filepath.Clean(filepath.FromSlash(name)); !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all, nil
}

func (a *app) writeSchema(out string) error {
	old, err := readFile(out)
	if err == nil && bytes.Equal(fold(old), gen.JSONSchema()) {
		fmt.Fprintf(a.stdout, "%s is up to date\n", out)
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read what is there: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if err := replaceFile(out, gen.JSONSchema()); err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	fmt.Fprintf(a.stdout, "wrote %s\n", out)
	return nil
}

// modeline is what begins the comment by which yaml-language-server finds a schema.
const modeline = "# yaml-language-server: $schema="

// pointTo puts the comment on top of a schema, or says how it reads.
func (a *app) pointTo(out, schema string, write bool) error {
	src, err := readFile(schema)
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	path, err := relative(filepath.Dir(schema), out)
	if err != nil {
		return err
	}
	comment := modeline + path
	pointed := withModeline(string(fold(src)), comment)
	switch {
	case pointed == string(fold(src)):
	case write:
		if err := rewrite(schema, []byte(pointed)); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "wrote %s\n", schema)
	default:
		fmt.Fprintf(a.stderr, "sockgen: editors find it by a comment on top of %s, which -comment writes: %s\n", schema, comment)
	}
	return nil
}

// relative returns the way from a folder to a file, as URLs are written.
func relative(dir, file string) (string, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	way, err := filepath.Rel(from, to)
	if err != nil {
		return "", err
	}
	if way = filepath.ToSlash(way); !strings.HasPrefix(way, "../") {
		way = "./" + way
	}
	return way, nil
}

// withModeline returns text with the comment, which takes the place of another one.
func withModeline(text, comment string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, modeline) {
			return strings.Replace(text, line, comment, 1)
		}
		if line != "" && !strings.HasPrefix(line, "#") {
			break
		}
	}
	return comment + "\n" + text
}
