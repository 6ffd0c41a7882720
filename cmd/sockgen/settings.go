package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/mod/module"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// maxRead is how many bytes of a file are read. The limits of what is in it are
// lower; this one keeps a wrong -schema such as a device from filling memory.
const maxRead = 64 << 20

// The names of files that are found by themselves.
const (
	defaultSchema = "events.yaml"
	configName    = "sockgen.yaml" // beside the schema
	lockName      = "sockgen.lock" // beside the schema
)

// A settings is what the command line says, completed by sockgen.yaml.
type settings struct {
	schema string
	config string
	lock   string
	goDir  string
	tsDir  string
	ts     gen.TypeScriptOptions

	initialisms words
	allow       texts // the changes that are deliberate, of -allow and of sockgen.yaml

	out   string         // of -out, which stands for goDir and tsDir
	flags *pflag.FlagSet // the command's
}

// bind adds the flags of every command that reads a schema.
func (s *settings) bind(cmd *cobra.Command) {
	s.flags = cmd.Flags()
	s.flags.StringVar(&s.schema, "schema", defaultSchema, "the schema to read: a `file`")
	s.flags.StringVar(&s.config, "config", "", "the `file` with the settings (default sockgen.yaml beside the schema, if there is one)")
	s.flags.StringVar(&s.lock, "lock", "", "the `file` with the released schemas (default sockgen.lock beside the schema, if there is one)")
	s.flags.Var(&s.initialisms, "initialisms", "`words` that identifiers have in one case, besides Go's own: SDP,ICE")
	completesFiles(cmd, "schema", "yaml", "yml")
	completesFiles(cmd, "config", "yaml", "yml")
	completesFiles(cmd, "lock", "lock")
}

// bindOutput adds the flags that say what is written, and where.
func (s *settings) bindOutput(cmd *cobra.Command) {
	s.flags.StringVar(&s.out, "out", "", "the `folder` that generated files go to (default generated)")
	s.flags.StringVar(&s.goDir, "go", "", "the `folder` that Go goes to (default <out>)")
	s.flags.StringVar(&s.tsDir, "typescript", "", "the `folder` that TypeScript goes to (default <out>/ts)")
	s.flags.BoolVar(&s.ts.React, "react", false, "write <name>.react.ts, too: hooks")
	s.flags.BoolVar(&s.ts.Mock, "mock", false, "write <name>.mock.ts, too: a socket and a server in memory")
	s.flags.BoolVar(&s.ts.Schemas, "schemas", false, "write <name>.schemas.ts, too: validators")
	s.flags.Var((*extension)(&s.ts.Extension), "extension", "what imports between the TypeScript files end in: nothing, .js or .ts")
	completes(cmd, "extension", ".js", ".ts")
	for _, name := range []string{"out", "go", "typescript"} {
		if err := cmd.MarkFlagDirname(name); err != nil {
			panic(err)
		}
	}
}

// given tells whether the command line has a flag.
func (s *settings) given(flag string) bool { return s.flags.Changed(flag) }

// complete reads sockgen.yaml and fills in what the command line leaves open. It
// has printed what is wrong when it returns false.
func (a *app) complete(s *settings) bool {
	if !s.given("config") {
		s.config = filepath.Join(filepath.Dir(s.schema), configName)
	}
	base := "" // the folder that default places are in
	var c gen.Config
	src, err := readFile(s.config)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !s.given("config"):
	case err != nil:
		a.fail(fmt.Errorf("read the configuration: %w", err))
		return false
	default:
		var diags []diag.Diagnostic
		c, diags = gen.ParseConfig(s.config, src)
		if len(diags) > 0 {
			a.say(diags)
			return false
		}
		base = filepath.Dir(s.config)
	}
	place := func(configured, otherwise string) string {
		if configured == "" {
			configured = otherwise
		}
		return filepath.Join(base, filepath.FromSlash(configured))
	}
	if !s.given("schema") {
		s.schema = place(c.Schema, defaultSchema)
	}
	if s.lock == "" {
		s.lock = filepath.Join(filepath.Dir(s.schema), lockName)
	}
	s.folders(place, c)
	if !s.given("extension") {
		s.ts.Extension = c.TypeScript.Extension
	}
	s.allow = append(s.allow, c.Allow...)
	if !s.given("initialisms") {
		s.initialisms = c.Initialisms
	}
	for name, option := range map[string]struct{ flag, configured *bool }{
		"react":   {&s.ts.React, &c.TypeScript.React},
		"mock":    {&s.ts.Mock, &c.TypeScript.Mock},
		"schemas": {&s.ts.Schemas, &c.TypeScript.Schemas},
	} {
		if !s.given(name) {
			*option.flag = *option.configured
		}
	}
	return true
}

// folders decides where files go: the flags for a language, then -out, then
// sockgen.yaml, then the defaults.
func (s *settings) folders(place func(configured, otherwise string) string, c gen.Config) {
	goDir, tsDir := place(c.GoDir, "generated"), place(c.TSDir, "generated/ts")
	if s.given("out") {
		goDir, tsDir = s.out, filepath.Join(s.out, "ts")
	}
	if !s.given("go") {
		s.goDir = goDir
	}
	if !s.given("typescript") {
		s.tsDir = tsDir
	}
}

// input reads the schema.
func (s *settings) input() (gen.Input, error) {
	src, err := readFile(s.schema)
	if err != nil {
		return gen.Input{}, fmt.Errorf("read the schema: %w", err)
	}
	folder, err := importPath(s.goDir)
	if err == nil {
		err = importable(s.goDir, folder)
	}
	if err != nil {
		return gen.Input{}, err
	}
	return gen.Input{File: s.schema, Source: src, Read: readFile, GoFolder: folder, TypeScript: s.ts, Initialisms: s.initialisms}, nil
}

// importPath returns how Go imports the packages in dir, which need not be there
// yet: as the go.mod of the nearest folder above tells. It is "" outside a module.
func importPath(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the Go module: %w", err)
	}
	for root := dir; ; root = filepath.Dir(root) {
		data, err := readFile(filepath.Join(root, "go.mod"))
		switch {
		case err == nil:
			rel, err := filepath.Rel(root, dir)
			module := modulePath(data)
			if err != nil || module == "" {
				return "", err
			}
			return path.Join(module, filepath.ToSlash(rel)), nil
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR): // the folder may be a file, which is reported later
			return "", fmt.Errorf("find the Go module: %w", err)
		case root == filepath.Dir(root):
			return "", nil
		}
	}
}

// importable says why Go could not import packages in dir, whose import path is
// folder: "" outside a module, where what the command line says must do.
func importable(dir, folder string) error {
	if folder == "" && filepath.IsLocal(dir) {
		folder = path.Join("example.com", filepath.ToSlash(dir))
	}
	if folder == "" {
		return nil
	}
	var bad *module.InvalidPathError
	if err := module.CheckImportPath(folder); errors.As(err, &bad) && strings.Contains(folder, "/") {
		return fmt.Errorf("packages in %q cannot be imported: %w; name another folder for them, with -go or -out", filepath.ToSlash(dir), bad.Err)
	}
	return nil
}

// A words is the value of a flag that is a list of initialisms.
type words []string

func (w *words) Type() string { return "words" }

func (w *words) String() string { return strings.Join(*w, ",") }

func (w *words) Set(text string) error {
	*w = nil
	for word := range strings.SplitSeq(text, ",") {
		if !gen.IsInitialism(word) {
			return errors.New("it is a list such as SDP,ICE")
		}
		*w = append(*w, word)
	}
	return nil
}

// A texts is the value of a flag that may be given several times.
type texts []string

func (t *texts) Type() string { return "text" }

func (t *texts) String() string { return strings.Join(*t, "; ") }

func (t *texts) Set(text string) error {
	*t = append(*t, text)
	return nil
}

// An extension is the value of -extension.
type extension string

func (e *extension) Type() string { return "text" }

func (e *extension) String() string { return string(*e) }

func (e *extension) Set(text string) error {
	if !gen.IsExtension(text) {
		return errors.New(`it is .js, .ts or ""`)
	}
	*e = extension(text)
	return nil
}

// modulePath returns what the module directive of a go.mod says, or "".
func modulePath(mod []byte) string {
	for line := range strings.Lines(string(mod)) {
		line, _, _ = strings.Cut(line, "//")
		if words := strings.Fields(line); len(words) == 2 && words[0] == "module" {
			if name, err := strconv.Unquote(words[1]); err == nil {
				return name
			}
			return words[1]
		}
	}
	return ""
}

// readLock reads the lock file. Where it is missing, it is empty, unless the
// command line names it and it must be there.
func (s *settings) readLock(must bool) (*gen.Lock, []byte, error) {
	data, err := readFile(s.lock)
	if err != nil && (!errors.Is(err, fs.ErrNotExist) || must) {
		return nil, nil, fmt.Errorf("read the lock: %w", err)
	}
	lock, err := gen.ParseLock(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s cannot be used: %w", printable(s.lock), err)
	}
	return lock, data, nil
}

// readFile reads the schema, a file that it imports, or another one by its
// slash-separated or native name.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxRead))
}
