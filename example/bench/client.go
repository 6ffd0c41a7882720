// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// patience is how long a client waits while it opens a connection.
const patience = 60 * time.Second

// bufferSize holds sixteen answers, so that a client reads them at once and sends the
// next sixteen at once.
const bufferSize = 8 << 10

// A client is one WebSocket connection in the main namespace. It speaks no more of
// the protocols than it needs, so that the server gets the processors.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

// mask is on every frame of a client. A random one would cost, and protect nobody.
var mask = [4]byte{0x12, 0x34, 0x56, 0x78}

const (
	opText  = 0x81 // and the last fragment
	opClose = 0x88
)

// frame returns a masked frame.
func frame(head byte, text string) []byte {
	b := []byte{head}
	switch n := len(text); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		panic("bench: a frame of 64 KiB or more")
	}
	b = append(b, mask[:]...)
	for i := range len(text) {
		b = append(b, text[i]^mask[i%4])
	}
	return b
}

var (
	pong       = frame(opText, "3")
	connection = frame(opText, "40")
	goodbye    = frame(opClose, "")
)

// dial opens a session on WebSocket and joins the main namespace.
func dial(addr string) (*client, error) {
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, in: bufio.NewReaderSize(conn, bufferSize)}
	if err := c.open(addr); err != nil {
		c.close()
		return nil, fmt.Errorf("open a session: %w", err)
	}
	return c, nil
}

func (c *client) open(addr string) error {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	request := "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: " + addr + "\r\nUpgrade: websocket\r\n" +
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	if _, err := io.WriteString(c.conn, request); err != nil {
		return err
	}
	status, _, err := readHeader(c.in)
	if err != nil {
		return err
	}
	if status != 101 {
		return fmt.Errorf("the handshake is answered with %d", status)
	}
	if err := c.want(`0{`); err != nil {
		return err
	}
	if _, err := c.conn.Write(connection); err != nil {
		return err
	}
	if err := c.want(`40{`); err != nil {
		return err
	}
	return c.conn.SetDeadline(time.Time{})
}

// want reads a packet that begins in this way.
func (c *client) want(begin string) error {
	got, err := c.read()
	if err == nil && !bytes.HasPrefix(got, []byte(begin)) {
		err = fmt.Errorf("got %q, want %s…", got, begin)
	}
	return err
}

// close ends the connection and leaves no port behind that waits for late packets.
func (c *client) close() {
	if tcp, ok := c.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	c.conn.Close()
}

// leave ends the connection as a browser does.
func (c *client) leave() error {
	if _, err := c.conn.Write(goodbye); err != nil {
		return err
	}
	if _, err := c.read(); !errors.Is(err, errClosed) {
		return fmt.Errorf("the Close frame is answered with %v", err)
	}
	return nil
}

var errClosed = errors.New("the server closed the connection")

// read returns the next packet but pings, which it answers. The packet is good until
// the next read.
func (c *client) read() ([]byte, error) {
	for {
		head, err := c.in.Peek(2)
		if err != nil {
			return nil, err
		}
		before, n := 2, int(head[1])
		if n == 126 {
			if head, err = c.in.Peek(4); err != nil {
				return nil, err
			}
			before, n = 4, int(binary.BigEndian.Uint16(head[2:]))
		}
		if head[0] == opClose {
			return nil, errClosed
		}
		if head[0] != opText || n > bufferSize-before {
			return nil, fmt.Errorf("a frame that begins with %x", head)
		}
		whole, err := c.in.Peek(before + n)
		if err != nil {
			return nil, err
		}
		if _, err := c.in.Discard(before + n); err != nil {
			return nil, err
		}
		if packet := whole[before:]; string(packet) != "2" {
			return packet, nil
		}
		if _, err := c.conn.Write(pong); err != nil {
			return nil, err
		}
	}
}

// ready reports whether a whole frame has arrived, so that read does not wait.
func (c *client) ready() bool {
	n := c.in.Buffered()
	if n < 4 {
		return false
	}
	head, _ := c.in.Peek(4)
	if head[1] == 126 {
		return n >= 4+int(binary.BigEndian.Uint16(head[2:]))
	}
	return n >= 2+int(head[1])
}

// readHeader reads the beginning of an HTTP answer. length is -1 when it is not told.
func readHeader(in *bufio.Reader) (status, length int, err error) {
	length = -1
	for first := true; ; first = false {
		slice, err := in.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		line := strings.TrimRight(string(slice), "\r\n")
		switch name, value, _ := strings.Cut(line, ":"); {
		case first:
			if len(line) < 12 {
				return 0, 0, fmt.Errorf("an HTTP answer that begins with %q", line)
			}
			status, err = strconv.Atoi(line[9:12])
		case line == "":
			return status, length, nil
		case strings.EqualFold(name, "Content-Length"):
			length, err = strconv.Atoi(strings.TrimSpace(value))
		}
		if err != nil {
			return 0, 0, err
		}
	}
}
