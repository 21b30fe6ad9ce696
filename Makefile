# Names for the steps of the gate: `make check` is all of it, `make lint` one step, `make fuzz FUZZTIME=60s` a longer one.
# `make record` writes the lists of the exported API anew.
.PHONY: check record fmt vet lint docs race examples fuzz bench

check:
	.ci/run

fmt vet lint docs race examples fuzz bench:
	.ci/run $@

record:
	go test -run 'TestAPI|TestSurface_IsListed' . -update
