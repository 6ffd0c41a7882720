module github.com/sockgen/sockgen/example/cluster

go 1.26.0

require (
	github.com/redis/go-redis/v9 v9.23.0
	github.com/sockgen/sockgen v0.0.0
	github.com/sockgen/sockgen/runtime/adapter/redisadapter v0.0.0
	go.uber.org/goleak v1.3.0
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/gorilla/websocket v1.5.3 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

// The packages as they are in this checkout.
replace (
	github.com/sockgen/sockgen => ../..
	github.com/sockgen/sockgen/runtime/adapter/redisadapter => ../../runtime/adapter/redisadapter
)
