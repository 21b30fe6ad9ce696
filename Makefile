# Names for the steps of the gate: `make check` is all of it, `make lint` one step, `make fuzz FUZZTIME=60s` a longer one.
.PHONY: check fmt vet lint docs race examples fuzz bench

check:
	.ci/run

fmt vet lint docs race examples fuzz bench:
	.ci/run $@
