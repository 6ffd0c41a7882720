// SPDX-License-Identifier: Apache-2.0

package engineio_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// echo is an application that sends every message back.
type echo struct{}

func (echo) Open(s *engineio.Session) engineio.Receiver { return echoSession{s} }

type echoSession struct{ s *engineio.Session }

func (e echoSession) Receive(data []byte, binary bool) {
	m := engineio.NewMessage()
	defer m.Release()
	if binary {
		m.Attachments = [][]byte{data}
	} else {
		m.Text = append(m.Buffer(), data...)
	}
	if err := e.s.Send(m); err != nil {
		e.s.Close(engineio.ForcedClose) // a peer that does not read
	}
}

func (echoSession) Closed(engineio.CloseReason, error) {}

func Example() {
	srv := httptest.NewServer(engineio.NewServer(engineio.Config{}, echo{}))
	defer srv.Close()

	url := srv.URL + "/engine.io/?EIO=4&transport=polling"
	handshake := body(http.Get(url))
	sid := handshake[len(`0{"sid":"`):][:20]
	fmt.Println(body(http.Post(url+"&sid="+sid, "text/plain", strings.NewReader("4hello"))))
	fmt.Println(body(http.Get(url + "&sid=" + sid)))
	// Output:
	// ok
	// 4hello
}

func body(res *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return string(b)
}
