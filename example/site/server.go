// SPDX-License-Identifier: Apache-2.0

package site

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"
)

// shutdownTimeout bounds the goodbye to everybody who is connected.
const shutdownTimeout = 15 * time.Second

// A Server is what Run runs.
type Server struct {
	Addr    string                      // host:port to listen on
	Handler http.Handler                // of all requests
	Goodbye func(context.Context) error // ends the connections that outlive a request
	Greet   func(url string)            // hears the address of the page; nil for nobody
}

// Run serves until ctx ends, and returns when everybody has been told.
func (s Server) Run(ctx context.Context) error {
	// Socket.IO's connections outlive any deadline for a whole request.
	server := &http.Server{Handler: s.Handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	listener, err := net.Listen("tcp", s.Addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use by another program: end that one, or choose another address with -addr", s.Addr)
	}
	if err != nil {
		return fmt.Errorf("%w; choose another address with -addr", err)
	}
	if s.Greet != nil {
		s.Greet("http://" + visible(listener.Addr()))
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	goodbye, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err = errors.Join(s.Goodbye(goodbye), server.Shutdown(goodbye))
	<-served
	return err
}

// visible returns the address under which a browser on this machine finds a.
func visible(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
