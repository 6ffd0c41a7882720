// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// A poller is a session on long-polling in the main namespace: one connection for
// GETs, one for POSTs.
type poller struct {
	get, post *client
	target    string
	poll      []byte // the GET
}

// drivePolling is driveEcho on long-polling: each message is a POST and a GET.
func drivePolling(d *drive, m mode) (figures, error) {
	var opening sync.WaitGroup
	pollers, errs := make([]*poller, m.connections), make([]error, m.connections)
	for i := range pollers {
		opening.Go(func() { pollers[i], errs[i] = dialPolling(d.addr) })
	}
	opening.Wait()
	for _, p := range pollers {
		if p != nil {
			d.clients = append(d.clients, p.get, p.post)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for i, p := range pollers {
		d.start(func() error { return d.echoPolling(p, d.shard(i), m.message) })
	}
	return d.window()
}

func (d *drive) echoPolling(p *poller, s *shard, m message) error {
	request := p.postRequest(m.request)
	for !d.stopped.Load() {
		begin := time.Now()
		// The GET goes first, as that of a client that waits for messages.
		if _, err := p.get.conn.Write(p.poll); err != nil {
			return err
		}
		if err := p.send(request); err != nil {
			return err
		}
		packet, err := p.answered()
		if err != nil {
			return err
		}
		if packet != m.reply {
			return fmt.Errorf("got %q, want %q", packet, m.reply)
		}
		d.observe(s, time.Since(begin))
	}
	return nil
}

// dialPolling opens a session and joins the main namespace.
func dialPolling(addr string) (*poller, error) {
	p := &poller{target: " /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: " + addr + "\r\n"}
	for _, c := range []**client{&p.get, &p.post} {
		conn, err := net.DialTimeout("tcp", addr, patience)
		if err != nil {
			p.close()
			return nil, err
		}
		*c = &client{conn: conn, in: bufio.NewReaderSize(conn, bufferSize)}
	}
	if err := p.open(addr); err != nil {
		p.close()
		return nil, fmt.Errorf("open a session on polling: %w", err)
	}
	return p, nil
}

func (p *poller) close() {
	for _, c := range []*client{p.get, p.post} {
		if c != nil {
			c.close()
		}
	}
}

func (p *poller) open(addr string) error {
	p.poll = []byte("GET" + p.target + "\r\n")
	hello, err := p.next()
	if err != nil {
		return err
	}
	var handshake struct{ SID string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(hello, "0")), &handshake); err != nil {
		return fmt.Errorf("the handshake is answered with %q", hello)
	}
	p.target = " /socket.io/?EIO=4&transport=polling&sid=" + handshake.SID + " HTTP/1.1\r\nHost: " + addr + "\r\n"
	p.poll = []byte("GET" + p.target + "\r\n")
	if err := p.send(p.postRequest("40")); err != nil {
		return err
	}
	if packet, err := p.next(); err != nil || !strings.HasPrefix(packet, "40{") {
		return fmt.Errorf("CONNECT is answered with %q, %v", packet, err)
	}
	return nil
}

func (p *poller) postRequest(packet string) []byte {
	return fmt.Appendf(nil, "POST%sContent-Type: text/plain;charset=UTF-8\r\nContent-Length: %d\r\n\r\n%s", p.target, len(packet), packet)
}

// send makes a POST.
func (p *poller) send(request []byte) error {
	if _, err := p.post.conn.Write(request); err != nil {
		return err
	}
	body, err := p.post.response()
	if err == nil && body != "ok" {
		err = fmt.Errorf("a POST is answered with %q", body)
	}
	return err
}

// next makes a GET, and returns the next packet.
func (p *poller) next() (string, error) {
	if _, err := p.get.conn.Write(p.poll); err != nil {
		return "", err
	}
	return p.answered()
}

// answered reads the answer to a GET, and answers a ping in it.
func (p *poller) answered() (string, error) {
	body, err := p.get.response()
	if err != nil {
		return "", err
	}
	rest, ping := strings.CutPrefix(body, "2")
	if !ping {
		return body, nil
	}
	if err := p.send(p.postRequest("3")); err != nil {
		return "", err
	}
	if rest, more := strings.CutPrefix(rest, "\x1e"); more {
		return rest, nil
	}
	return p.next()
}

// response reads an HTTP answer with a length.
func (c *client) response() (string, error) {
	status, length, err := readHeader(c.in)
	if err != nil {
		return "", err
	}
	if status != 200 || length < 0 {
		return "", fmt.Errorf("an HTTP answer with status %d and length %d", status, length)
	}
	body := make([]byte, length)
	_, err = io.ReadFull(c.in, body)
	return string(body), err
}
