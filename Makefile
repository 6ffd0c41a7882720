# make demo   generates from events.yaml, builds the page, serves http://localhost:3000
# make game   the same for the game, at http://localhost:3001
# make live   the same for the live board, at http://localhost:3002
# make cluster starts a Redis, three nodes of the chat and an nginx without affinity before
#             them, at http://localhost:3000 (NODES=, ADAPTER=pubsub|sharded|streams)
# make test   installs what the tests need, then runs every test and prints a summary
# make schemas generates from 10,000 random schemas and compiles it all, in Go and in
#             TypeScript, and from 100,000 random documents (SCHEMAS=, DOCUMENTS=)
# make vectors captures what the official Redis adapters publish, for the tests of package wire
# make faults harms a Redis in every way and prints what that did to its clusters
# make forge  gives 1,000,000 forged messages of a cluster to package wire (FORGED=)
# make init-test begins a project with each page that sockgen init has, installs, builds
#             and runs it, and drives it in Chromium; screenshots go to .cache/init
# make bench  runs the micro-benchmarks and compares them with docs/benchmarks.txt
# make picture draws the README's picture of the chat anew
# make soak   plays 100,000 connections to their ends and prints what was left behind
#
# The first five begin from a fresh clone on a Debian machine with Go and Node.

SHELL := /bin/bash
ADDR ?= :3000
GAME_ADDR ?= :3001
LIVE_ADDR ?= :3002
CLUSTER_ADDR ?= localhost:3000
NODES ?= 3
ADAPTER ?= pubsub
SCHEMAS ?= 10000
DOCUMENTS ?= 100000
FORGED ?= 1000000

.PHONY: demo game live cluster test schemas vectors faults forge init-test bench picture soak generate page format clean

demo: generate page
	go run ./example -addr $(ADDR)

game: generate page
	go run ./example/game -addr $(GAME_ADDR)

live: generate page
	go run ./example/live -addr $(LIVE_ADDR)

# cluster needs Debian's redis-server and nginx-light, which make test installs as well.
cluster: generate page
	.ci/install
	cd example/cluster && go run ./up -addr $(CLUSTER_ADDR) -nodes $(NODES) -adapter $(ADAPTER)

test:
	@.ci/test

# schemas prints what it has tried, and the seed of what failed. It takes about an
# hour of a processor.
schemas: node_modules/.installed
	go test -count=1 -timeout 0 -v -run 'TestRandomSchemas$$|TestRandomDocuments$$|TestHostileTexts$$' ./gen -schemas $(SCHEMAS) -documents $(DOCUMENTS)

# vectors starts a redis-server of its own. npm run test:vectors only compares.
vectors: node_modules/.installed
	node runtime/adapter/cluster/wire/capture/capture.mjs

# faults prints the table of docs/scaling.md. It takes two minutes.
faults:
	cd runtime/adapter/redisadapter && go test -count=1 -timeout 20m -v -run TestFaultTable . -faults

# forge prints how many of them were refused.
forge:
	go test -count=1 -timeout 0 -v -run TestForged ./runtime/adapter/cluster/wire -forged $(FORGED)

# init-test needs the network, and a few minutes.
init-test: node_modules/.installed
	INIT=all npm run --silent test:init

# bench needs a quiet machine. What a message costs is example/bench's to tell.
bench:
	@.ci/bench

# picture needs Debian's chromium, which make test installs.
picture: node_modules/.installed
	node example/browser/screenshot.mjs

# soak ends connections in every way and compares with the time before.
soak:
	go test -count=1 -timeout 60m -v -run TestSoak ./runtime/conformance/soak -cycles 100000

# generate writes generated/ from events.yaml and the examples', as sockgen.yaml lists them.
generate:
	go run ./cmd/sockgen generate

# page bundles the examples' pages into folders that they embed.
page: node_modules/.installed
	node example/site/build.mjs page game/page live/page

# format rewrites Go and front-end sources in their one style.
format: node_modules/.installed
	gofmt -w $$(git ls-files '*.go')
	npm run --silent format

# clean removes what the other targets made, except what is committed.
clean:
	rm -rf node_modules .cache example/page/dist/* example/game/page/dist/* example/live/page/dist/*

# npm installs exactly what the lock file says, again whenever it changes.
node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@
