package engineio

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestTheLastPollMayComeLate holds R110 and R272 for a client whose last GET is
// overtaken by the POST that closes its session.
func TestTheLastPollMayComeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, p := r.open()
		closing := r.begin(request("POST", polling+"&sid="+sid, "1"))
		synctest.Wait()
		p.wantClosed(t, TransportClose) // the application does not wait
		time.Sleep(lastPollWait - time.Millisecond)
		r.get(sid).want(t, 200, "6")
		r.finish(closing, "POST").want(t, 200, "ok")
		r.get(sid).want(t, 400, `{"code":1,"message":"Session ID unknown"}`)
	})
}

// TestTheLastPollIsNotWaitedForLong holds that the session is unknown to whatever
// comes after the answer to its closing POST.
func TestTheLastPollIsNotWaitedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, _ := r.open()
		start := time.Now()
		r.post(sid, "1").want(t, 200, "ok")
		if took := time.Since(start); took != lastPollWait {
			t.Errorf("the POST was answered after %v, want %v", took, lastPollWait)
		}
		r.get(sid).want(t, 400, `{"code":1,"message":"Session ID unknown"}`)
		synctest.Wait()
		if n := r.kept(); n != 0 {
			t.Errorf("%d sessions left", n)
		}
	})
}
