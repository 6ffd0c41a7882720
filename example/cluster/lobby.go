// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/example/app"
	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

const (
	beat       = 3 * time.Second  // how often a node shows that it lives
	lease      = 10 * time.Second // after which one that did not has died
	maxHistory = 100              // messages kept for each room
)

// A lobby is what the nodes of the chat remember together. Every change is one script, so
// that Redis sees it whole or not at all. The keys of a lobby begin with its prefix:
//
//	node:ID       exists while the node lives
//	nodes         the ids of nodes that have sockets
//	of:NODE       the sockets of a node
//	socket:ID     of a socket: its member, folded name and node
//	in:ID         the rooms of a socket
//	name:NAME     who has a name, by folded name
//	known:ID      the socket of the member that the others know by an id
//	room:ROOM     who is in a room, by socket
//	last:ROOM     the id of its newest message
//	history:ROOM  its newest messages, oldest first
//
// The example has one Redis: the scripts make some of these names themselves, which a Redis
// Cluster would not allow.
type lobby struct {
	rdb    redis.UniversalClient
	prefix string
	node   string

	mu     sync.Mutex // guards what follows
	guests map[socketio.ID]*guest
}

// A guest is a socket of this node.
type guest struct {
	app.Guest
	rooms []chat.RoomID
}

var (
	_ app.Lobby  = (*lobby)(nil)
	_ app.Keeper = (*lobby)(nil)
)

func newLobby(rdb redis.UniversalClient, prefix string) *lobby {
	return &lobby{rdb: rdb, prefix: prefix + ":", node: rand.Text(), guests: map[socketio.ID]*guest{}}
}

func (l *lobby) key(kind, id string) string { return l.prefix + kind + ":" + id }

// run runs a script on the prefix and further arguments.
func (l *lobby) run(ctx context.Context, script *redis.Script, args ...any) *redis.Cmd {
	return script.Run(ctx, l.rdb, []string{l.prefix}, args...)
}

// admit: socket, member, key, folded name, known id, node.
var admit = redis.NewScript(`
local p, socket, member, key, name, known, node = KEYS[1], unpack(ARGV)
local old, replaced = redis.call('HMGET', p .. 'name:' .. name, 'socket', 'key', 'node'), ''
if old[1] and old[1] ~= socket and (old[3] == node or redis.call('EXISTS', p .. 'node:' .. old[3]) == 1) then
	if key == '' or key ~= old[2] then return {'taken'} end
	replaced = old[1]
end
redis.call('HSET', p .. 'name:' .. name, 'socket', socket, 'key', key, 'node', node)
redis.call('SET', p .. 'known:' .. known, socket)
redis.call('HSET', p .. 'socket:' .. socket, 'member', member, 'name', name, 'known', known, 'node', node)
redis.call('SADD', p .. 'of:' .. node, socket)
redis.call('SADD', p .. 'nodes', node)
return {'ok', replaced}
`)

// Admit implements app.Lobby, as the other methods do.
func (l *lobby) Admit(ctx context.Context, g app.Guest) (replaced socketio.ID, err error) {
	answer, err := l.register(ctx, g)
	switch {
	case err != nil:
		return "", err
	case answer[0] == "taken":
		return "", chat.NameTaken(chat.NameTakenData{Name: g.Name})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.guests[g.Socket] = &guest{Guest: g}
	return socketio.ID(answer[1]), nil
}

func (l *lobby) register(ctx context.Context, g app.Guest) ([]string, error) {
	key := g.Key
	if key != "" { // a secret of its page
		sum := sha256.Sum256([]byte(key))
		key = hex.EncodeToString(sum[:])
	}
	return l.run(ctx, admit, string(g.Socket), text(g.Member), key, strings.ToLower(g.Name), g.ID, l.node).StringSlice()
}

// text is a value as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types of the schema are JSON
	}
	return string(b)
}

// dismiss: socket. It returns the member and the rooms, once.
var dismiss = redis.NewScript(`
local p, socket = KEYS[1], ARGV[1]
local s = redis.call('HMGET', p .. 'socket:' .. socket, 'member', 'name', 'known', 'node')
if not s[1] then return {} end
local rooms = redis.call('SMEMBERS', p .. 'in:' .. socket)
for _, room in ipairs(rooms) do redis.call('HDEL', p .. 'room:' .. room, socket) end
if redis.call('HGET', p .. 'name:' .. s[2], 'socket') == socket then redis.call('DEL', p .. 'name:' .. s[2]) end
if redis.call('GET', p .. 'known:' .. s[3]) == socket then redis.call('DEL', p .. 'known:' .. s[3]) end
redis.call('SREM', p .. 'of:' .. s[4], socket)
redis.call('DEL', p .. 'socket:' .. socket, p .. 'in:' .. socket)
table.insert(rooms, 1, s[1])
return rooms
`)

func (l *lobby) Dismiss(ctx context.Context, id socketio.ID, left func(chat.RoomID, chat.Member)) error {
	l.mu.Lock()
	delete(l.guests, id)
	l.mu.Unlock()
	answer, err := l.run(ctx, dismiss, string(id)).StringSlice()
	if err != nil || len(answer) == 0 {
		return err
	}
	var who chat.Member
	if err := json.Unmarshal([]byte(answer[0]), &who); err != nil {
		return fmt.Errorf("a member in Redis: %w", err)
	}
	rooms := answer[1:]
	slices.Sort(rooms)
	for _, room := range rooms {
		left(room, who)
	}
	return nil
}

// enter: socket, room, member, node, history. It returns the members whose nodes live, an
// empty text, and the messages.
var enter = redis.NewScript(`
local p, socket, room, member, node, history = KEYS[1], unpack(ARGV)
redis.call('SADD', p .. 'in:' .. socket, room)
redis.call('HSET', p .. 'room:' .. room, socket, node .. ' ' .. member)
local answer, lives = {}, {[node] = true}
for _, entry in ipairs(redis.call('HVALS', p .. 'room:' .. room)) do
	local at = string.find(entry, ' ')
	local of = string.sub(entry, 1, at - 1)
	if lives[of] == nil then lives[of] = redis.call('EXISTS', p .. 'node:' .. of) == 1 end
	if lives[of] then table.insert(answer, string.sub(entry, at + 1)) end
end
table.insert(answer, '')
if tonumber(history) > 0 then
	for _, m in ipairs(redis.call('LRANGE', p .. 'history:' .. room, -tonumber(history), -1)) do table.insert(answer, m) end
end
return answer
`)

// Enter joins first and looks then, so that nothing is missed: what is posted meanwhile
// may come twice, which pages tell by its id.
func (l *lobby) Enter(ctx context.Context, id socketio.ID, room chat.RoomID, history int, joined func(chat.Member) error) ([]chat.Member, []chat.Message, error) {
	who, in, err := l.look(id, room)
	if err != nil {
		return nil, nil, err
	}
	if !in {
		if err := joined(who.Member); err != nil {
			return nil, nil, err
		}
	}
	answer, err := l.run(ctx, enter, string(id), room, text(who.Member), l.node, history).StringSlice()
	if err != nil {
		return nil, nil, err
	}
	l.note(id, func(g *guest) {
		if !slices.Contains(g.rooms, room) {
			g.rooms = append(g.rooms, room)
		}
	})
	end := slices.Index(answer, "")
	members, err := parse[chat.Member](answer[:end])
	slices.SortFunc(members, func(a, b chat.Member) int { return strings.Compare(a.Name, b.Name) })
	messages, err2 := messagesOf(answer[end+1:])
	return members, messages, errors.Join(err, err2)
}

// look returns a guest of this node, and whether it is in a room.
func (l *lobby) look(id socketio.ID, room chat.RoomID) (who app.Guest, in bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.guests[id]
	if g == nil {
		return who, false, app.ErrGone
	}
	return g.Guest, slices.Contains(g.rooms, room), nil
}

// note changes what is known of a guest, if it is still here.
func (l *lobby) note(id socketio.ID, change func(*guest)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if g := l.guests[id]; g != nil {
		change(g)
	}
}

func parse[T any](texts []string) ([]T, error) {
	values := make([]T, len(texts))
	for i, t := range texts {
		if err := json.Unmarshal([]byte(t), &values[i]); err != nil {
			return nil, fmt.Errorf("a value in Redis: %w", err)
		}
	}
	return values, nil
}

// messagesOf reads messages, before each of which its id stands.
func messagesOf(texts []string) ([]chat.Message, error) {
	bodies, ids := make([]string, len(texts)), make([]int64, len(texts))
	for i, t := range texts {
		id, body, _ := strings.Cut(t, " ")
		bodies[i] = body
		ids[i], _ = strconv.ParseInt(id, 10, 64) // which post has made
	}
	messages, err := parse[chat.Message](bodies)
	for i := range messages {
		messages[i].ID = ids[i]
	}
	return messages, err
}

// leave: socket, room.
var leave = redis.NewScript(`
local p, socket, room = KEYS[1], unpack(ARGV)
redis.call('HDEL', p .. 'room:' .. room, socket)
return redis.call('SREM', p .. 'in:' .. socket, room)
`)

func (l *lobby) Leave(ctx context.Context, id socketio.ID, room chat.RoomID, left func(chat.Member)) error {
	who, err := l.In(id, room)
	if err != nil {
		return err
	}
	if err := l.run(ctx, leave, string(id), room).Err(); err != nil {
		return err
	}
	l.note(id, func(g *guest) { g.rooms = slices.DeleteFunc(g.rooms, func(r chat.RoomID) bool { return r == room }) })
	left(who)
	return nil
}

// post: room, message, how many are kept, for how many seconds. It returns the id.
var post = redis.NewScript(`
local p, room, message, kept, seconds = KEYS[1], unpack(ARGV)
local id = redis.call('INCR', p .. 'last:' .. room)
local history = p .. 'history:' .. room
redis.call('RPUSH', history, id .. ' ' .. message)
redis.call('LTRIM', history, -tonumber(kept), -1)
redis.call('EXPIRE', history, seconds)
redis.call('EXPIRE', p .. 'last:' .. room, seconds)
return id
`)

// keptFor is how long a room is remembered after its last message.
const keptFor = 24 * time.Hour

func (l *lobby) Post(ctx context.Context, id socketio.ID, m chat.Message, posted func(chat.Message) error) (chat.Message, error) {
	who, err := l.In(id, m.Room)
	if err != nil {
		return chat.Message{}, err
	}
	m.From, m.At = who, time.Now()
	if m.ID, err = l.run(ctx, post, m.Room, text(m), maxHistory, int(keptFor.Seconds())).Int64(); err != nil {
		return chat.Message{}, err
	}
	return m, posted(m)
}

func (l *lobby) In(id socketio.ID, room chat.RoomID) (chat.Member, error) {
	who, in, _ := l.look(id, room)
	if !in {
		return chat.Member{}, chat.NotMember(chat.NotMemberData{Room: room})
	}
	return who.Member, nil
}

func (l *lobby) Member(id socketio.ID) (chat.Member, bool) {
	who, _, err := l.look(id, "")
	return who.Member, err == nil
}

func (l *lobby) SocketOf(ctx context.Context, known string) (id socketio.ID, ok bool, err error) {
	socket, err := l.rdb.Get(ctx, l.key("known", known)).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	return socketio.ID(socket), err == nil, err
}

// Keep shows that this node lives, until ctx ends, and dismisses the members of nodes that
// do not.
func (l *lobby) Keep(ctx context.Context, left func(chat.RoomID, chat.Member)) {
	ticks := time.NewTicker(beat)
	defer ticks.Stop()
	for {
		if err := l.keep(ctx, left); err != nil && ctx.Err() == nil {
			log.Printf("Redis: %v", err)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

func (l *lobby) keep(ctx context.Context, left func(chat.RoomID, chat.Member)) error {
	if err := l.rdb.Set(ctx, l.key("node", l.node), "lives", lease).Err(); err != nil {
		return err
	}
	if err := l.restore(ctx); err != nil {
		return err
	}
	nodes, err := l.rdb.SMembers(ctx, l.prefix+"nodes").Result()
	if err != nil {
		return err
	}
	for _, node := range nodes {
		if lives, err := l.rdb.Exists(ctx, l.key("node", node)).Result(); err != nil || lives > 0 {
			continue // the next beat asks again
		}
		sockets, err := l.rdb.SMembers(ctx, l.key("of", node)).Result()
		if err != nil {
			return err
		}
		for _, id := range sockets {
			if err := l.Dismiss(ctx, socketio.ID(id), left); err != nil {
				return err
			}
		}
		if err := l.rdb.SRem(ctx, l.prefix+"nodes", node).Err(); err != nil {
			return err
		}
	}
	return nil
}

// restore puts the guests of this node back into a Redis that has forgotten them.
func (l *lobby) restore(ctx context.Context) error {
	l.mu.Lock()
	var guests []guest
	for _, g := range l.guests {
		guests = append(guests, guest{g.Guest, slices.Clone(g.rooms)})
	}
	l.mu.Unlock()
	if len(guests) == 0 {
		return nil
	}
	if known, err := l.rdb.Exists(ctx, l.key("of", l.node)).Result(); err != nil || known > 0 {
		return err
	}
	for _, g := range guests {
		if _, err := l.register(ctx, g.Guest); err != nil {
			return err
		}
		for _, room := range g.rooms {
			if err := l.run(ctx, enter, string(g.Socket), room, text(g.Member), l.node, 0).Err(); err != nil {
				return err
			}
		}
	}
	return nil
}
