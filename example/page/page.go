// SPDX-License-Identifier: Apache-2.0

// Package page is the chat's page, as the build has left it.
package page

import (
	"embed"
	"net/http"

	"github.com/sockgen/sockgen/example/site"
)

// dist is what the page's build leaves behind; before the first build it holds
// nothing to serve.
//
//go:embed all:dist
var dist embed.FS

const unbuilt = `The chat's page is not built yet. Build and serve it with:

    make demo

The Socket.IO server behind it runs already, at /socket.io/.
`

// Handler serves the chat's page, or says how to build it.
func Handler() (http.Handler, error) {
	return site.Page{Embedded: dist, Dir: "dist", Policy: "img-src 'self' blob:; connect-src 'self' ws: wss:", Unbuilt: unbuilt}.Handler()
}
