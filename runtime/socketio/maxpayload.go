package socketio

// MaxPayload returns how many bytes a message to the server may have, see
// [Config.MaxPayload].
func (n *Namespace) MaxPayload() int { return n.srv.cfg.MaxPayload }

// MaxPayload is [Namespace.MaxPayload].
func (p *ParentNamespace) MaxPayload() int { return p.proto.MaxPayload() }
