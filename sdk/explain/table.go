package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
	"github.com/sanctum-go/sanctum/internal/wire"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// program is the table of a program, under all its addresses.
type program struct {
	name         string
	ids          []solana.PublicKey
	instructions []spec
}

// spec is a row of a table: how to decode an instruction, describe it and apply
// it.
type spec struct {
	table *idl.Instruction
	// wallets are the roles in which the owner's key is expected, holdings
	// those in which another account of the owner is expected.
	wallets, holdings []string
	// more returns the accounts that follow those of the table if the table
	// cannot state them. It reports false if the accounts are not valid for the
	// instruction.
	more func(in *Instruction, rest []Account) (more []idl.Account, ok bool)
	// words is the summary. A name in braces stands for the amount, value or
	// account of that name.
	words string
	// rule applies the instruction to the owner's accounts. It is nil if the
	// instruction does not change them.
	rule func(l *ledger, in *Instruction) error
	// reads is set if the instruction changes no account.
	reads bool
}

// own returns the decoding table of an instruction that only this package
// reads.
func own(name, tag string, accounts []idl.Account, fields ...idl.Field) *idl.Instruction {
	return &idl.Instruction{
		Name:     name,
		Tag:      tag,
		Accounts: accounts,
		Fields:   fields,
	}
}

// roles returns the accounts of an instruction that only this package reads. A
// name with a leading equals sign stands for an account with a fixed address.
func roles(names ...string) []idl.Account {
	all := make([]idl.Account, len(names))
	for i, name := range names {
		all[i].Name = name
		if fixed, ok := strings.CutPrefix(name, "="); ok {
			all[i], _ = idl.Fixed(fixed)
		}
	}
	return all
}

// units maps the units of the decoding tables to those of amounts.
var units = [...]Unit{
	idl.UnitLamports:      UnitLamports,
	idl.UnitTokens:        UnitTokens,
	idl.UnitCompute:       UnitCompute,
	idl.UnitMicroLamports: UnitMicroLamports,
	idl.UnitBytes:         UnitBytes,
	idl.UnitNumber:        UnitNumber,
}

// furtherAccount is the role of an account in addition to those that the
// instruction requires.
const furtherAccount = "further account"

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
	nameInterceptor     = "interceptor"
)

// programs returns all tables.
func programs() []*program {
	return []*program{
		&systemProgram, &tokenProgram, &associatedTokenProgram, &stakeProgram,
		&computeBudgetProgram, &memoProgram, &stakePoolProgram,
		&infinityProgram, &flatFeeProgram, &flatSlabProgram, &reserveProgram, &routerProgram,
		&marinadeProgram, &lidoProgram,
		&interceptorProgram, &lighthouseProgram,
	}
}

// programOf returns the table of a program, or nil.
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

// decode names the program, the instruction, its amounts and its accounts if a
// row of the table matches exactly.
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

// read decodes an instruction with one row of a table. It reports false if the
// row does not match.
func (i *Instruction) read(s *spec, data []byte) bool {
	rest, ok := strings.CutPrefix(string(data), s.table.Tag)
	if !ok || len(i.Accounts) < len(s.table.Accounts) {
		return false
	}

	named := slices.Clone(i.Accounts)
	i.Accounts = named
	if !s.name(named, s.table.Accounts) || !i.readData(s, []byte(rest)) {
		return false
	}

	extra := named[len(s.table.Accounts):]
	for at := range extra {
		extra[at].Role = furtherAccount
	}

	more, ok := s.behind(i, extra)
	if !ok || len(more) > len(extra) || !s.name(extra, more) {
		return false
	}

	// The mint of an amount may be one of the accounts after those of the
	// table.
	amounts := i.Amounts
	for _, f := range s.table.Fields {
		if f.Unit == idl.UnitNone {
			continue
		}

		if f.Mint != "" {
			amounts[0].Mint = i.key(f.Mint)
		}

		amounts = amounts[1:]
	}

	i.Name, i.spec = s.table.Name, s

	return true
}

// name sets the roles of the accounts. It reports false if an account differs
// from the fixed address in the table.
func (s *spec) name(named []Account, table []idl.Account) bool {
	for at, place := range table {
		a := &named[at]
		if place.Fixed != nil && a.Address != *place.Fixed {
			return false
		}
		a.Role = place.Name
		a.wallet = slices.Contains(s.wallets, place.Name)
		a.holding = slices.Contains(s.holdings, place.Name)
	}
	return true
}

func (i *Instruction) readData(s *spec, data []byte) bool {
	i.Amounts, i.Values = nil, nil
	r := wire.NewReader(data)
	for _, f := range s.table.Fields {
		v := Value{Name: f.Name}
		var n uint64
		switch f.Kind {
		case idl.KindU8:
			n = uint64(r.U8(f.Name))
		case idl.KindU16:
			n = uint64(r.U16(f.Name))
		case idl.KindU32:
			n = uint64(r.U32(f.Name))
		case idl.KindU64:
			n = r.U64(f.Name)
		case idl.KindI16:
			v.Text = strconv.Itoa(int(int16(r.U16(f.Name))))
		case idl.KindI32:
			v.Text = strconv.Itoa(int(int32(r.U32(f.Name))))
		case idl.KindBool:
			v.Text = strconv.FormatBool(r.Bool(f.Name))
		case idl.KindKey:
			v.Key = r.Key(f.Name)
			v.Text = v.Key.String()
		case idl.KindOptionalKey:
			v.Text = "none"
			if r.Bool(f.Name) {
				v.Key = r.Key(f.Name)
				v.Text = v.Key.String()
			}

		case idl.KindLogLevel:
			level := r.U8(f.Name)
			if !slices.Contains([]uint8{0, 1, 2, 0x10, 0x11}, level) {
				return false
			}

			v.Text = strconv.Itoa(int(level))

		case idl.KindExactly:
			if string(r.Bytes(f.Name, len(f.Name))) != f.Name {
				return false
			}

			continue

		case idl.KindChoice:
			at := int(r.U8(f.Name))
			if at >= len(f.Choices) || f.Choices[at] == "" {
				return false
			}

			v.Text = f.Choices[at]

		case idl.KindText, idl.KindShortText:
			var length uint64
			if f.Kind == idl.KindText {
				length = r.U64(f.Name)
			} else {
				length = uint64(r.U32(f.Name))
			}

			if length > uint64(r.Remaining()) {
				return false
			}

			v.raw = string(r.Bytes(f.Name, int(length)))
			v.Text = strconv.Quote(v.raw)

		case idl.KindRest:
			v.raw = string(r.Bytes(f.Name, r.Remaining()))
			v.Text = strconv.Quote(v.raw)
		}

		if f.Unit != idl.UnitNone {
			i.Amounts = append(i.Amounts, Amount{
				Name:  f.Name,
				Value: n,
				Unit:  units[f.Unit],
			})
		} else {
			i.Values = append(i.Values, v)
		}
	}

	return r.Err() == nil && r.Remaining() == 0
}

// words returns the summary.
func (i *Instruction) words(registry *lst.Registry) string {
	if i.spec == nil {
		of := "the unknown program " + i.Program.String()
		if i.ProgramName != Unknown {
			of = "the program that is in no table"
		}

		return fmt.Sprintf("an instruction of %s, with %d bytes of data and %d accounts", of,
			i.DataLength, len(i.Accounts))
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

// word returns the text that replaces a name in braces.
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

// symbol returns the symbol of a mint, or its address if the registry does not
// contain it.
func symbol(mint solana.PublicKey, registry *lst.Registry) string {
	if token, err := registry.ByMint(mint); err == nil {
		return token.Symbol
	}
	if mint == accounts.NativeMint {
		return "SOL"
	}
	return mint.String()
}

// words returns the amount with its unit, in tokens if their decimals are
// known.
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
