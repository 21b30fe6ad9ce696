package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/wire"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// program is the table of one program, under all its deployments.
type program struct {
	name         string
	ids          []solana.PublicKey
	instructions []spec
}

// spec is an instruction: how its bytes read, and what it is in words.
type spec struct {
	name string
	// tag is what the data begins with.
	tag  string
	data []field
	// roles are the accounts it takes at least. A role with a star behind it is
	// one in which the owner's key is expected, one with a plus one in which
	// another account of the owner's is. One that begins with an equals sign
	// names an account of which there is just one, see constants.
	roles []string
	// more names the accounts behind these; without it they are further accounts. False says that they make no sense.
	more func(in *Instruction, rest []Account) (roles []string, ok bool)
	// words are for people; what is in braces is replaced by the amount, value or account of that name.
	words string
	// rule is what it does to the owner's accounts; nil if nothing.
	rule func(l *ledger, in *Instruction) error
	// reads says that it changes no account at all.
	reads bool
}

type fieldKind uint8

const (
	kindU8 fieldKind = iota
	kindU16
	kindU32
	kindU64
	kindI16
	kindI32
	kindBool
	kindKey
	kindOptionalKey
	// kindLogLevel is one of the ways in which Lighthouse logs without calling
	// another program.
	kindLogLevel
	// kindExactly are the bytes of the name and no others.
	kindExactly
	// kindText is a text with its length, kindRest all that is left.
	kindText
	kindRest
)

// field is a piece of the data.
type field struct {
	name string
	kind fieldKind
	unit Unit
	// mintRole is the role of the mint that tokens are counted in.
	mintRole string
}

func lamports(name string) field { return field{name: name, kind: kindU64, unit: UnitLamports} }
func tokens(name, mintRole string) field {
	return field{name: name, kind: kindU64, unit: UnitTokens, mintRole: mintRole}
}
func number(name string, kind fieldKind) field {
	return field{name: name, kind: kind, unit: UnitNumber}
}
func value(name string, kind fieldKind) field { return field{name: name, kind: kind} }

// constants are the accounts of which there is just one.
var constants = map[string]solana.PublicKey{
	"system program":      accounts.SystemProgram,
	"token program":       accounts.TokenProgram,
	"stake program":       accounts.StakeProgram,
	"clock":               accounts.ClockSysvar,
	"rent":                accounts.RentSysvar,
	"stake history":       accounts.StakeHistorySysvar,
	"recent blockhashes":  solana.SysVarRecentBlockHashesPubkey,
	"instructions sysvar": solana.SysVarInstructionsPubkey,
	"wrapped SOL mint":    accounts.NativeMint,
}

// furtherAccount is the role of accounts that an instruction has beside those it needs.
const furtherAccount = "further account"

// role splits a role into its name and what of the owner's is expected there.
func role(text string) (name string, wallet, holding bool) {
	name, holding = strings.CutSuffix(text, "+")
	name, wallet = strings.CutSuffix(name, "*")
	return strings.TrimPrefix(name, "="), wallet, holding
}

// Names of the programs.
const (
	nameSystem          = "system"
	nameToken           = "token"
	nameAssociatedToken = "associated token account"
	nameStake           = "stake"
	nameComputeBudget   = "compute budget"
	nameMemo            = "memo"
	nameStakePool       = "stake pool"
	nameInfinity        = "Infinity"
	nameFlatFee         = "flat-fee pricing"
	nameFlatSlab        = "flatslab pricing"
	nameReserve         = "Reserve"
	nameRouter          = "Router"
	nameMarinade        = "Marinade"
	nameLido            = "Lido"
	nameLighthouse      = "Lighthouse"
)

// programs are all tables.
func programs() []*program {
	return []*program{
		&systemProgram, &tokenProgram, &associatedTokenProgram, &stakeProgram, &computeBudgetProgram, &memoProgram, &stakePoolProgram,
		&infinityProgram, &flatFeeProgram, &flatSlabProgram, &reserveProgram, &routerProgram, &marinadeProgram, &lidoProgram,
		&lighthouseProgram,
	}
}

// programOf is the table of a program; nil if there is none.
func programOf(id solana.PublicKey) *program {
	for _, p := range programs() {
		for _, known := range p.ids {
			if known == id {
				return p
			}
		}
	}
	return nil
}

// decode names program, instruction, amounts and accounts if a table has them just so.
func (i *Instruction) decode(data []byte) {
	p := programOf(i.Program)
	if p == nil {
		return
	}
	i.ProgramName = p.name
	for at := range p.instructions {
		if try := *i; try.read(&p.instructions[at], data) {
			*i = try
			return
		}
	}
}

// read decodes an instruction by one row of a table. If it is false, the instruction is not that.
func (i *Instruction) read(s *spec, data []byte) bool {
	rest, ok := strings.CutPrefix(string(data), s.tag)
	if !ok || len(i.Accounts) < len(s.roles) {
		return false
	}
	named := make([]Account, len(i.Accounts))
	copy(named, i.Accounts)
	for at, text := range s.roles {
		a := &named[at]
		a.Role, a.wallet, a.holding = role(text)
		if strings.HasPrefix(text, "=") && a.Address != constants[a.Role] {
			return false
		}
	}
	i.Accounts = named
	if !i.readData(s, []byte(rest)) {
		return false
	}
	extra := named[len(s.roles):]
	for at := range extra {
		extra[at].Role = furtherAccount
	}
	if s.more != nil {
		roles, ok := s.more(i, extra)
		if !ok || len(roles) > len(extra) {
			return false
		}
		for at, text := range roles {
			a := &extra[at]
			a.Role, a.wallet, a.holding = role(text)
			if strings.HasPrefix(text, "=") && a.Address != constants[a.Role] {
				return false
			}
		}
	}
	// The mint may be behind the fixed accounts.
	for at, f := range s.fields() {
		if f.mintRole != "" {
			i.Amounts[at].Mint = i.key(f.mintRole)
		}
	}
	i.Name, i.spec = s.name, s
	return true
}

// fields are those that are amounts.
func (s *spec) fields() []field {
	var all []field
	for _, f := range s.data {
		if f.unit != "" {
			all = append(all, f)
		}
	}
	return all
}

func (i *Instruction) readData(s *spec, data []byte) bool {
	i.Amounts, i.Values = nil, nil
	r := wire.NewReader(data)
	for _, f := range s.data {
		v := Value{Name: f.name}
		var n uint64
		switch f.kind {
		case kindU8:
			n = uint64(r.U8(f.name))
		case kindU16:
			n = uint64(r.U16(f.name))
		case kindU32:
			n = uint64(r.U32(f.name))
		case kindU64:
			n = r.U64(f.name)
		case kindI16:
			v.Text = strconv.Itoa(int(int16(r.U16(f.name))))
		case kindI32:
			v.Text = strconv.Itoa(int(int32(r.U32(f.name))))
		case kindBool:
			v.Text = strconv.FormatBool(r.Bool(f.name))
		case kindKey:
			v.Key = r.Key(f.name)
			v.Text = v.Key.String()
		case kindOptionalKey:
			v.Text = "nobody"
			if r.Bool(f.name) {
				v.Key = r.Key(f.name)
				v.Text = v.Key.String()
			}
		case kindLogLevel:
			level := r.U8(f.name)
			if !slices.Contains([]uint8{0, 1, 2, 0x10, 0x11}, level) {
				return false
			}
			v.Text = strconv.Itoa(int(level))
		case kindExactly:
			if string(r.Bytes(f.name, len(f.name))) != f.name {
				return false
			}
			continue
		case kindText:
			length := r.U64(f.name)
			if length > uint64(r.Remaining()) {
				return false
			}
			v.raw = string(r.Bytes(f.name, int(length)))
			v.Text = strconv.Quote(v.raw)
		case kindRest:
			v.raw = string(r.Bytes(f.name, r.Remaining()))
			v.Text = strconv.Quote(v.raw)
		}
		if f.unit != "" {
			i.Amounts = append(i.Amounts, Amount{Name: f.name, Value: n, Unit: f.unit})
		} else {
			i.Values = append(i.Values, v)
		}
	}
	return r.Err() == nil && r.Remaining() == 0
}

// words are the line for people.
func (i *Instruction) words(registry *lst.Registry) string {
	if i.spec == nil {
		of := "a program that is not known, " + i.Program.String()
		if i.ProgramName != Unknown {
			of = "the program, but not one that is known"
		}
		return fmt.Sprintf("an instruction of %s, with %d bytes of data and %d accounts", of, i.DataLength, len(i.Accounts))
	}
	var b strings.Builder
	text := i.spec.words
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, rest, _ := strings.Cut(after, "}")
		b.WriteString(i.word(name, registry))
		text = rest
	}
}

// word is what stands for an amount, value or account in words.
func (i *Instruction) word(name string, registry *lst.Registry) string {
	for _, a := range i.Amounts {
		if a.Name == name {
			return a.words(registry)
		}
	}
	for _, v := range i.Values {
		if v.Name == name {
			return v.Text
		}
	}
	key := i.key(name)
	if strings.HasSuffix(name, "mint") {
		return symbol(key, registry)
	}
	return key.String()
}

// symbol is that of a mint, or the mint where the registry does not have it.
func symbol(mint solana.PublicKey, registry *lst.Registry) string {
	if token, err := registry.ByMint(mint); err == nil {
		return token.Symbol
	}
	if mint == accounts.NativeMint {
		return "SOL"
	}
	return mint.String()
}

// words is the amount with its unit, in tokens where their decimals are known.
func (a Amount) words(registry *lst.Registry) string {
	switch {
	case a.Unit == UnitLamports:
		return lst.FormatAmount(a.Value, 9) + " SOL"
	case a.Unit == UnitTokens && a.Mint == accounts.NativeMint:
		return lst.FormatAmount(a.Value, 9) + " wrapped SOL"
	case a.Unit == UnitTokens && a.Mint.IsZero():
		return fmt.Sprintf("%d base units", a.Value)
	case a.Unit == UnitTokens:
		if token, err := registry.ByMint(a.Mint); err == nil {
			return token.Format(a.Value) + " " + token.Symbol
		}
		return fmt.Sprintf("%d base units of %s", a.Value, a.Mint)
	case a.Unit == UnitNumber:
		return strconv.FormatUint(a.Value, 10)
	}
	return fmt.Sprintf("%d %s", a.Value, a.Unit)
}
