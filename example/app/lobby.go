// SPDX-License-Identifier: Apache-2.0

package app

import (
	"container/list"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

const (
	maxHistory = 100              // messages kept for each room
	maxEmpty   = 50               // empty rooms kept; beyond that the one that has been empty longest is forgotten
	emptyTime  = 10 * time.Minute // how long an empty room is kept
)

// A Lobby is what the chat remembers: who is here, who is in which room, and what was said
// there. Sockets are named by their ids; those that are not here are an error, since their
// page took over the name from another connection.
//
// Its methods may be called from several goroutines. They run a callback where the
// callback's emits must keep the order of the change that they report.
type Lobby interface {
	// Admit takes in a newcomer. Whoever holds the key of the member that has the name
	// already takes its place: Admit then returns the socket of that member, which is to
	// be dismissed. Anybody else is refused with name_taken.
	Admit(ctx context.Context, newcomer Guest) (replaced socketio.ID, err error)
	// Dismiss forgets a socket and calls left for each room that it was in.
	Dismiss(ctx context.Context, id socketio.ID, left func(chat.RoomID, chat.Member)) error
	// Enter puts a socket into a room and returns everybody in it and its newest messages,
	// at most history of them. It calls joined, unless the member was in the room already,
	// before anything else can happen in the room.
	Enter(ctx context.Context, id socketio.ID, room chat.RoomID, history int, joined func(chat.Member) error) ([]chat.Member, []chat.Message, error)
	// Leave takes a socket out of a room and calls left.
	Leave(ctx context.Context, id socketio.ID, room chat.RoomID, left func(chat.Member)) error
	// Post adds a message to a room's history and calls posted with it.
	Post(ctx context.Context, id socketio.ID, m chat.Message, posted func(chat.Message) error) (chat.Message, error)
	// In returns the member behind a socket, or not_member when it is not in the room.
	In(id socketio.ID, room chat.RoomID) (chat.Member, error)
	// Member returns the member behind a socket, wherever it is.
	Member(id socketio.ID) (chat.Member, bool)
	// SocketOf returns the socket of the member that the others know by an id.
	SocketOf(ctx context.Context, known string) (id socketio.ID, ok bool, err error)
}

// A Keeper is a Lobby that has work to do while nobody asks it something. Keep does it until
// ctx ends, and calls left for members whose node has died.
type Keeper interface {
	Keep(ctx context.Context, left func(chat.RoomID, chat.Member))
}

// A Guest is one connected socket.
type Guest struct {
	chat.Member
	Socket socketio.ID
	Key    string // the secret with which its page may take over the name; "" for none
}

// A lobby is a Lobby in memory. It calls back under its lock: emitting only queues, so the
// lock is never held for long.
type lobby struct {
	mu      sync.Mutex // guards what follows
	members map[socketio.ID]*member
	names   map[string]*member // by folded name
	known   map[string]*member // by the id that the others know
	rooms   map[chat.RoomID]*room
	empty   list.List   // of *room, the longest empty first
	sweeper *time.Timer // calls sweep; nil while no room is empty
}

var _ Lobby = (*lobby)(nil)

// A member is a guest who is in some rooms.
type member struct {
	Guest
	rooms []chat.RoomID
}

// A room holds its members and its past.
type room struct {
	name    chat.RoomID
	members map[socketio.ID]*member
	history []chat.Message // oldest first
	last    int64          // the id of the newest message
	place   *list.Element  // in empty; nil while somebody is here
	emptied time.Time      // when the last member left
}

// ErrGone says that a socket is no longer a member, because its page took over the name
// from another connection.
var ErrGone = errors.New("this connection was replaced by a newer one of the same page")

// NewLobby returns a Lobby in memory, for one process.
func NewLobby() Lobby { return newLobby() }

func newLobby() *lobby {
	return &lobby{
		members: map[socketio.ID]*member{},
		names:   map[string]*member{},
		known:   map[string]*member{},
		rooms:   map[chat.RoomID]*room{},
	}
}

// Admit implements Lobby, as the other methods do.
func (l *lobby) Admit(_ context.Context, g Guest) (replaced socketio.ID, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	folded := strings.ToLower(g.Name)
	if old := l.names[folded]; old != nil {
		if g.Key == "" || g.Key != old.Key {
			return "", chat.NameTaken(chat.NameTakenData{Name: g.Name})
		}
		replaced = old.Socket
	}
	newcomer := &member{Guest: g}
	l.members[g.Socket] = newcomer
	l.names[folded] = newcomer
	l.known[newcomer.ID] = newcomer
	return replaced, nil
}

func (l *lobby) Dismiss(_ context.Context, id socketio.ID, left func(chat.RoomID, chat.Member)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	gone, ok := l.members[id]
	if !ok {
		return nil
	}
	delete(l.members, id)
	if folded := strings.ToLower(gone.Name); l.names[folded] == gone {
		delete(l.names, folded)
	}
	if l.known[gone.ID] == gone {
		delete(l.known, gone.ID)
	}
	for _, name := range slices.Clone(gone.rooms) {
		l.leaveLocked(gone, name)
		left(name, gone.Member)
	}
	return nil
}

func (l *lobby) Enter(_ context.Context, id socketio.ID, name chat.RoomID, history int, joined func(chat.Member) error) ([]chat.Member, []chat.Message, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	who, ok := l.members[id]
	if !ok {
		return nil, nil, ErrGone
	}
	r := l.roomLocked(name)
	if r.members[id] == nil {
		if err := joined(who.Member); err != nil {
			return nil, nil, err
		}
		r.members[id] = who
		l.fillLocked(r)
		who.rooms = append(who.rooms, name)
	}
	members := make([]chat.Member, 0, len(r.members))
	for _, m := range r.members {
		members = append(members, m.Member)
	}
	slices.SortFunc(members, func(a, b chat.Member) int { return strings.Compare(a.Name, b.Name) })
	return members, slices.Clone(r.history[max(0, len(r.history)-history):]), nil
}

func (l *lobby) Leave(_ context.Context, id socketio.ID, name chat.RoomID, left func(chat.Member)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	who, err := l.memberLocked(id, name)
	if err != nil {
		return err
	}
	l.leaveLocked(who, name)
	left(who.Member)
	return nil
}

func (l *lobby) Post(_ context.Context, id socketio.ID, m chat.Message, posted func(chat.Message) error) (chat.Message, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	who, err := l.memberLocked(id, m.Room)
	if err != nil {
		return chat.Message{}, err
	}
	r := l.rooms[m.Room]
	r.last++
	m.ID, m.From, m.At = r.last, who.Member, time.Now()
	if n := len(r.history); n > 0 && m.At.Before(r.history[n-1].At) {
		m.At = r.history[n-1].At // a clock that was set back: messages stay in order
	}
	r.history = append(r.history, m)
	if len(r.history) > maxHistory {
		r.history = slices.Delete(r.history, 0, len(r.history)-maxHistory)
	}
	return m, posted(m)
}

func (l *lobby) In(id socketio.ID, name chat.RoomID) (chat.Member, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	who, err := l.memberLocked(id, name)
	if err != nil {
		return chat.Member{}, err
	}
	return who.Member, nil
}

func (l *lobby) Member(id socketio.ID) (chat.Member, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	who, ok := l.members[id]
	if !ok {
		return chat.Member{}, false
	}
	return who.Member, true
}

func (l *lobby) SocketOf(_ context.Context, known string) (socketio.ID, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	who, ok := l.known[known]
	if !ok {
		return "", false, nil
	}
	return who.Socket, true, nil
}

func (l *lobby) memberLocked(id socketio.ID, name chat.RoomID) (*member, error) {
	if r := l.rooms[name]; r != nil {
		if who := r.members[id]; who != nil {
			return who, nil
		}
	}
	return nil, chat.NotMember(chat.NotMemberData{Room: name})
}

func (l *lobby) leaveLocked(who *member, name chat.RoomID) {
	r := l.rooms[name]
	delete(r.members, who.Socket)
	if len(r.members) == 0 {
		l.emptyLocked(r)
	}
	who.rooms = slices.DeleteFunc(who.rooms, func(other chat.RoomID) bool { return other == name })
}

// roomLocked returns the room called name, which it makes when there is none.
func (l *lobby) roomLocked(name chat.RoomID) *room {
	r := l.rooms[name]
	if r == nil {
		r = &room{name: name, members: map[socketio.ID]*member{}}
		l.rooms[name] = r
		l.emptyLocked(r)
	}
	return r
}

// emptyLocked notes that nobody is in r. Its past is kept for a while.
func (l *lobby) emptyLocked(r *room) {
	r.place, r.emptied = l.empty.PushBack(r), time.Now()
	if l.empty.Len() > maxEmpty {
		l.forgetLocked(l.empty.Front().Value.(*room))
	}
	if l.sweeper == nil {
		l.sweeper = time.AfterFunc(emptyTime, l.sweep)
	}
}

// sweep forgets the rooms that have been empty for long.
func (l *lobby) sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweeper = nil
	for first := l.empty.Front(); first != nil; first = l.empty.Front() {
		r := first.Value.(*room)
		if left := emptyTime - time.Since(r.emptied); left > 0 {
			l.sweeper = time.AfterFunc(left, l.sweep)
			return
		}
		l.forgetLocked(r)
	}
}

// fillLocked notes that somebody is in r.
func (l *lobby) fillLocked(r *room) {
	if r.place != nil {
		l.empty.Remove(r.place)
		r.place = nil
	}
}

// forgetLocked drops an empty room.
func (l *lobby) forgetLocked(r *room) {
	l.fillLocked(r)
	delete(l.rooms, r.name)
}
