// Package engineio is an Engine.IO revision 4 server: sessions over HTTP
// long-polling and WebSocket, the upgrade from one to the other, heartbeat and
// endings. The rule numbers in its comments (R1, R2, …) are those of the
// project's protocol document.
package engineio
