package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sockgen/sockgen/gen/diag"
)

// lock adds the schema as it is to the lock file.
func lock(args []string, stdout, stderr io.Writer) int {
	s, status, ok := command{name: "lock", flags: func(*flag.FlagSet, *settings) {}}.parse(args, stdout, stderr)
	if !ok {
		return status
	}
	status, err := s.addRelease(stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: %v\n", err)
		return statusFail
	}
	return status
}

func (s *settings) addRelease(stdout, stderr io.Writer) (status int, err error) {
	in, err := s.input()
	if err != nil {
		return statusFail, err
	}
	file, before, err := s.readLock(false)
	if err != nil {
		return statusFail, err
	}
	added, diags := file.Add(in)
	fmt.Fprint(stderr, diag.Render(diags))
	if diag.HasErrors(diags) {
		fmt.Fprintf(stderr, "sockgen: %s, nothing was locked\n", countErrors(diags))
		return statusRefuse, nil
	}
	after, err := file.Text()
	if err != nil {
		return statusFail, err
	}
	if bytes.Equal(before, after) {
		fmt.Fprintf(stdout, "%s is up to date\n", s.lock)
		return statusFine, nil
	}
	if err := replaceFile(s.lock, after); err != nil {
		return statusFail, fmt.Errorf("write %s: %w", s.lock, err)
	}
	for _, r := range added {
		fmt.Fprintf(stdout, "locked %s %s\n", r.Namespace, r.Fingerprint)
	}
	fmt.Fprintf(stdout, "wrote %s\n", s.lock)
	return statusFine, nil
}

// replaceFile writes a file as a whole; its folder must be there.
func replaceFile(name string, data []byte) error {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer root.Close()
	return replace(root, filepath.Base(name), data)
}
