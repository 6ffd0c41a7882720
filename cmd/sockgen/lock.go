package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen/diag"
)

func (a *app) lockCommand() *cobra.Command {
	s := &settings{}
	cmd := &cobra.Command{
		Use: "lock [flags]", Short: "Notes in sockgen.lock that the schema is being released as it is",
		Args: noArgs,
		RunE: a.runs(func([]string) (int, error) {
			if !a.complete(s) {
				return statusFail, nil
			}
			status, err := a.addRelease(s)
			if err != nil {
				return a.fail(err), nil
			}
			return status, nil
		}),
	}
	s.bind(cmd)
	return cmd
}

// addRelease adds the schema as it is to the lock file.
func (a *app) addRelease(s *settings) (status int, err error) {
	in, err := s.input()
	if err != nil {
		return statusFail, err
	}
	file, before, err := s.readLock(false)
	if err != nil {
		return statusFail, err
	}
	added, diags := file.Add(in)
	a.say(diags)
	if diag.HasErrors(diags) {
		fmt.Fprintf(a.stderr, "sockgen: %s, nothing was locked\n", countErrors(diags))
		return statusRefuse, nil
	}
	after, err := file.Text()
	if err != nil {
		return statusFail, err
	}
	if bytes.Equal(before, after) {
		fmt.Fprintf(a.stdout, "%s is up to date\n", s.lock)
		return statusFine, nil
	}
	if err := replaceFile(s.lock, after); err != nil {
		return statusFail, fmt.Errorf("write %s: %w", s.lock, err)
	}
	for _, r := range added {
		fmt.Fprintf(a.stdout, "locked %s %s\n", r.Namespace, r.Fingerprint)
	}
	fmt.Fprintf(a.stdout, "wrote %s\n", s.lock)
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
