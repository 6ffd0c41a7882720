package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

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

	out   string          // of -out, which stands for goDir and tsDir
	given map[string]bool // the flags that the command line has
	args  []string        // the command line
}

// A command is one that reads a schema. Its flags are bound to s before run.
type command struct {
	name  string
	flags func(*flag.FlagSet, *settings)
	check func(*settings) error // what else is wrong with the command line, or nil
}

// parse reads a command line and sockgen.yaml. It has printed what is wrong when
// ok is false, and the status to exit with.
func (c command) parse(args []string, stdout, stderr io.Writer) (s *settings, status int, ok bool) {
	s = &settings{args: args, given: map[string]bool{}}
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.schema, "schema", defaultSchema, "")
	flags.StringVar(&s.config, "config", "", "")
	flags.StringVar(&s.lock, "lock", "", "")
	flags.Var(&s.initialisms, "initialisms", "")
	c.flags(flags, s)
	err := flags.Parse(args)
	flags.Visit(func(f *flag.Flag) {
		s.given[f.Name] = true
		if err == nil && f.Value.String() == "" {
			err = fmt.Errorf("-%s cannot be empty", f.Name)
		}
	})
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return nil, statusFine, false
	case err == nil && flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q; the schema is given by -schema", flags.Arg(0))
	case err == nil && c.check != nil:
		err = c.check(s)
	}
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: %s: %v\n\n%s", c.name, err, usage)
		return nil, statusFail, false
	}
	if !s.complete(stderr) {
		return nil, statusFail, false
	}
	return s, statusFine, true
}

// complete reads sockgen.yaml and fills in what the command line leaves open.
func (s *settings) complete(stderr io.Writer) bool {
	if !s.given["config"] {
		s.config = filepath.Join(filepath.Dir(s.schema), configName)
	}
	base := "" // the folder that default places are in
	var c gen.Config
	src, err := readFile(s.config)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !s.given["config"]:
	case err != nil:
		fmt.Fprintf(stderr, "sockgen: read the configuration: %v\n", err)
		return false
	default:
		var diags []diag.Diagnostic
		c, diags = gen.ParseConfig(s.config, src)
		if len(diags) > 0 {
			fmt.Fprint(stderr, diag.Render(diags))
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
	if !s.given["schema"] {
		s.schema = place(c.Schema, defaultSchema)
	}
	if s.lock == "" {
		s.lock = filepath.Join(filepath.Dir(s.schema), lockName)
	}
	s.folders(place, c)
	s.ts.Extension = c.TypeScript.Extension
	s.allow = append(s.allow, c.Allow...)
	if !s.given["initialisms"] {
		s.initialisms = c.Initialisms
	}
	for name, option := range map[string]struct{ flag, configured *bool }{
		"react":   {&s.ts.React, &c.TypeScript.React},
		"mock":    {&s.ts.Mock, &c.TypeScript.Mock},
		"schemas": {&s.ts.Schemas, &c.TypeScript.Schemas},
	} {
		if !s.given[name] {
			*option.flag = *option.configured
		}
	}
	return true
}

// folders decides where files go: the flags for a language, then -out, then
// sockgen.yaml, then the defaults.
func (s *settings) folders(place func(configured, otherwise string) string, c gen.Config) {
	goDir, tsDir := place(c.GoDir, "generated"), place(c.TSDir, "generated/ts")
	if s.given["out"] {
		goDir, tsDir = s.out, filepath.Join(s.out, "ts")
	}
	if !s.given["go"] {
		s.goDir = goDir
	}
	if !s.given["typescript"] {
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

func (t *texts) String() string { return strings.Join(*t, "; ") }

func (t *texts) Set(text string) error {
	*t = append(*t, text)
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
