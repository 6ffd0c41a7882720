// SPDX-License-Identifier: Apache-2.0

// Package forward lets a request reach the node that holds its session, whichever node of
// a cluster it came to, so that a load balancer needs no affinity.
//
// The id of a session ends with a mark that only its node can make and only its peers can
// read: a client can neither learn from it which node that is nor aim at another one. The
// node to which a request comes passes it on, as a reverse proxy does, and says so in a
// header that it signs.
//
// Nodes find each other in a namespace of their own on the bus that joins them. There each
// of them tells the others its address and its key, which the bus must therefore keep to
// itself.
package forward
