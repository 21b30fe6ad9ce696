# Names for the steps of the gate: `make check` is all of it, `make lint` one step, `make fuzz FUZZTIME=60s` a longer one.
# `make record` writes the lists of the exported API, the code that docs/ quotes, and the routes of the README, anew.
# `make page` tests the web page in Chromium and takes its picture in docs/ anew: see docs/page.md.
# `make e2e PROGRAMS=dir` runs the end-to-end tests against real programs: see docs/testing.md.
.PHONY: check record page e2e fmt vet lint docs unit race examples localnet fuzz api vuln bench

check:
	.ci/run

fmt vet lint docs unit race examples localnet fuzz api vuln bench:
	.ci/run $@

record:
	go test -run 'TestAPI|TestSurface_IsListed|TestDocs_QuotationsMatch|TestDocs_RoutesAreListed' . -update

page:
	cd e2e/page && npm ci --no-audit --no-fund
	SANCTUM_E2E_RECORD_PAGE=$(CURDIR)/docs/page.png go test -count=1 ./sdk/serve/page ./e2e -run 'TestHandler|TestFiles|TestModules|TestPage'

e2e:
	e2e/run
