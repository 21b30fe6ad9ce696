package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/idl"
)

// LighthouseProgram is the program whose assertions about accounts wallets add
// to transactions that they sign.
var LighthouseProgram = solana.MPK("L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95")

// lighthouseProgram is the table of assertions that only read accounts. It
// excludes memory instructions, which write, and assertions that call other
// programs.
var lighthouseProgram = program{
	name: nameLighthouse,
	ids:  []solana.PublicKey{LighthouseProgram},
	instructions: []spec{
		assertion("AssertAccountData", "\x02", "target account"),
		assertion("AssertAccountDataMulti", "\x03", "target account"),
		assertion("AssertAccountDelta", "\x04", "account A", "account B"),
		assertion("AssertAccountInfo", "\x05", "target account"),
		assertion("AssertAccountInfoMulti", "\x06", "target account"),
		assertion("AssertMintAccount", "\x07", "target account"),
		assertion("AssertMintAccountMulti", "\x08", "target account"),
		assertion("AssertTokenAccount", "\x09", "target account"),
		assertion("AssertTokenAccountMulti", "\x0a", "target account"),
		assertion("AssertStakeAccount", "\x0b", "target account"),
		assertion("AssertStakeAccountMulti", "\x0c", "target account"),
		assertion("AssertSysvarClock", "\x0f"),
	},
}

// assertion returns the row of an instruction that only reads.
func assertion(name, tag string, targets ...string) spec {
	s := spec{
		table: own(
			name,
			tag,
			roles(targets...),
			idl.Value("log level", idl.KindLogLevel),
			idl.Value("assertion", idl.KindRest),
		),
		wallets:  targets,
		holdings: targets,
		more:     none,
		words:    "fail unless an assertion holds",
		reads:    true,
	}
	if len(targets) > 0 {
		s.words = "fail unless an assertion about {" + targets[0] + "} holds"
	}

	return s
}

// none is for instructions without further accounts.
func none(_ *Instruction, rest []Account) ([]idl.Account, bool) { return nil, len(rest) == 0 }
