// SPDX-License-Identifier: Apache-2.0

package cluster

import "sync"

// A lane runs what it is given, one after the other. Its goroutine exists while there is
// something to do.
type lane struct {
	most int             // bytes that may wait
	wg   *sync.WaitGroup // counts the goroutine

	mu      sync.Mutex // guards what follows; a leaf
	queue   []job
	bytes   int
	running bool
	closed  bool
}

// A job is something to do, and the bytes that it holds until it is done.
type job struct {
	size int
	do   func()
}

// add takes a job. It reports false when the lane is full. One job always passes.
func (l *lane) add(j job) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return true // nobody misses it
	}
	if l.bytes+j.size > l.most && l.bytes > 0 {
		return false
	}
	l.bytes += j.size
	l.queue = append(l.queue, j)
	if !l.running {
		l.running = true
		l.wg.Add(1)
		go l.run()
	}
	return true
}

func (l *lane) run() {
	defer l.wg.Done()
	for {
		l.mu.Lock()
		if len(l.queue) == 0 {
			l.queue, l.running = nil, false
			l.mu.Unlock()
			return
		}
		j := l.queue[0]
		l.queue[0] = job{}
		l.queue = l.queue[1:]
		l.mu.Unlock()
		j.do()
		l.mu.Lock()
		l.bytes -= j.size
		l.mu.Unlock()
	}
}

// close drops what waits.
func (l *lane) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, j := range l.queue {
		l.bytes -= j.size
	}
	l.queue = nil
}
