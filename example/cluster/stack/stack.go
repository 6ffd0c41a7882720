// SPDX-License-Identifier: Apache-2.0

// Package stack starts the programs around a cluster: Debian's Redis and nginx.
package stack

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// patience is how long a program may take until it listens.
const patience = time.Minute

// A Program is one that runs. Whoever starts it stops it.
type Program struct{ command *exec.Cmd }

// Start starts a program, which writes to this one's outputs, and waits until somebody
// listens at the address.
func Start(addr, name string, args ...string) (*Program, error) {
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Start(); err != nil {
		return nil, err
	}
	p := &Program{c}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			return p, conn.Close()
		}
		if time.Now().After(end) {
			p.Kill()
			return nil, fmt.Errorf("%s does not listen at %s: %w", name, addr, err)
		}
	}
}

// Stop asks the program to end, and waits until it has.
func (p *Program) Stop() {
	_ = p.command.Process.Signal(os.Interrupt)
	_ = p.command.Wait()
}

// Kill ends it at once.
func (p *Program) Kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

// FreeAddr returns an address of this machine at which nobody listens.
func FreeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Redis starts a Redis that keeps nothing on disk. Its files are in dir.
func Redis(addr, dir string) (*Program, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	p, err := Start(addr, "redis-server", "--bind", host, "--port", port, "--save", "", "--appendonly", "no", "--dir", dir, "--logfile", filepath.Join(dir, "redis.log"))
	return p, hint(err, "redis-server")
}

// hint says how to get a program that is missing.
func hint(err error, name string) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: install it with: apt-get install %s", err, name)
	}
	return err
}

// Nginx starts an nginx that sends each request to the next of the nodes, whoever asks. Its
// files are in dir.
func Nginx(addr, dir string, nodes []string) (*Program, error) {
	var servers strings.Builder
	for _, n := range nodes {
		// A node that is down is asked again after a second.
		fmt.Fprintf(&servers, "        server %s fail_timeout=1s;\n", n)
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(fmt.Sprintf(config, addr, servers.String())), 0o644); err != nil {
		return nil, err
	}
	p, err := Start(addr, "/usr/sbin/nginx", "-p", dir, "-e", "stderr", "-c", file)
	return p, hint(err, "nginx-light")
}

const config = `daemon off;
pid nginx.pid;
events { worker_connections 10000; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
    upstream nodes {
%[2]s        keepalive 64;
    }
    server {
        listen %[1]s;
        location / {
            proxy_pass http://nodes;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 60s;
        }
    }
}
`
