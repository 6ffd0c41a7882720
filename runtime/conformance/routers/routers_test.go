// SPDX-License-Identifier: Apache-2.0

package routers

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	echov4 "github.com/labstack/echo/v4"
	echov4middleware "github.com/labstack/echo/v4/middleware"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/runtime/socketio"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	gin.DefaultWriter, gin.DefaultErrorWriter = io.Discard, io.Discard
	goleak.VerifyTestMain(m)
}

// A router routes requests below prefix + "/socket.io/" to h, whatever their method,
// and "/hello" to an answer of the application's.
type router struct {
	name  string
	mount func(prefix string, h http.Handler) http.Handler
}

const hello = "the application"

var routers = []router{
	{"net/http", func(prefix string, h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(prefix+"/socket.io/", h)
		mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, hello) })
		return mux
	}},
	{"chi", func(prefix string, h http.Handler) http.Handler {
		mux := chi.NewRouter()
		quiet := chimiddleware.RequestLogger(&chimiddleware.DefaultLogFormatter{Logger: slog.NewLogLogger(slog.DiscardHandler, 0)})
		mux.Use(chimiddleware.RequestID, quiet, chimiddleware.Recoverer)
		mux.Get("/hello", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, hello) })
		if prefix == "" {
			mux.Handle("/socket.io/*", h)
		} else {
			mux.Route(prefix, func(api chi.Router) { api.Handle("/socket.io/*", h) })
		}
		return mux
	}},
	{"chi, mounted", func(prefix string, h http.Handler) http.Handler {
		mux := chi.NewRouter()
		mux.Mount(prefix+"/socket.io", h)
		mux.Get("/hello", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, hello) })
		return mux
	}},
	{"gin", func(prefix string, h http.Handler) http.Handler {
		mux := gin.Default() // with its logger and its recovery
		mux.GET("/hello", func(c *gin.Context) { c.String(http.StatusOK, hello) })
		mux.Group(prefix).Any("/socket.io/*path", gin.WrapH(h))
		return mux
	}},
	{"echo v5", func(prefix string, h http.Handler) http.Handler {
		mux := echo.New()
		mux.Logger = slog.New(slog.DiscardHandler)
		mux.Use(middleware.RequestLogger(), middleware.Recover())
		mux.GET("/hello", func(c *echo.Context) error { return c.String(http.StatusOK, hello) })
		mux.Group(prefix).Any("/socket.io/*", echo.WrapHandler(h))
		return mux
	}},
	{"echo v4", func(prefix string, h http.Handler) http.Handler {
		mux := echov4.New()
		quiet := echov4middleware.RequestLoggerConfig{LogStatus: true, LogValuesFunc: func(echov4.Context, echov4middleware.RequestLoggerValues) error { return nil }}
		mux.Use(echov4middleware.RequestLoggerWithConfig(quiet), echov4middleware.Recover())
		mux.GET("/hello", func(c echov4.Context) error { return c.String(http.StatusOK, hello) })
		mux.Group(prefix).Any("/socket.io/*", echov4.WrapHandler(h))
		return mux
	}},
}

// mountings are the places where a Server can be.
var mountings = []struct {
	name, prefix string
	cfg          socketio.Config
	wrap         func(http.Handler) http.Handler
}{
	{"at the top", "", socketio.Config{}, func(h http.Handler) http.Handler { return h }},
	{"under StripPrefix", "/api/v1", socketio.Config{}, func(h http.Handler) http.Handler { return http.StripPrefix("/api/v1", h) }},
	{"at Config.Path", "/api/v1", socketio.Config{Path: "/api/v1/socket.io/"}, func(h http.Handler) http.Handler { return h }},
}

func newServer(cfg socketio.Config) *socketio.Server {
	srv := socketio.NewServer(cfg)
	srv.Of("/").On("add", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		var a, b int
		if err := errors.Join(e.Args.Decode(0, &a), e.Args.Decode(1, &b)); err != nil {
			_ = e.Ack(err.Error()) // the client's test compares the answer
			return
		}
		// An error means that the client has gone, which its test notices.
		_ = s.Emit(ctx, "sum", a+b)
		_ = e.Ack(a + b)
	})
	return srv
}

func TestRouters(t *testing.T) {
	for _, r := range routers {
		for _, m := range mountings {
			t.Run(r.name+"/"+m.name, func(t *testing.T) {
				srv := newServer(m.cfg)
				web := httptest.NewServer(r.mount(m.prefix, m.wrap(srv)))
				t.Cleanup(web.Close)
				t.Cleanup(func() {
					if err := srv.Shutdown(context.Background()); err != nil {
						t.Errorf("Shutdown: %v", err)
					}
				})
				s := site{web.Client(), web.URL + m.prefix + "/socket.io/"}
				t.Run("polling", s.polling)
				t.Run("websocket", s.websocket)
				t.Run("upgrade", s.upgrade)
				t.Run("the application", func(t *testing.T) {
					res, err := s.web.Get(web.URL + "/hello")
					if err != nil {
						t.Fatal(err)
					}
					defer res.Body.Close()
					if body, err := io.ReadAll(res.Body); err != nil || string(body) != hello {
						t.Errorf("got %q, %v", body, err)
					}
				})
			})
		}
	}
}
