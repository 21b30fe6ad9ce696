package accounts

import (
	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// MarinadeTicketSpace is the size of a ticket account, in bytes.
const MarinadeTicketSpace = 88

// marinadeTagTicket is the discriminator of a ticket.
const marinadeTagTicket = "\x85\x4d\x12\x62\xd3\x01\xe7\x03"

// MarinadeTicket is the account that Marinade creates for a delayed unstake. It
// is a claim to SOL that can be paid out after the epoch CreatedEpoch has
// ended. The payment closes the account.
type MarinadeTicket struct {
	// State is the address of the [MarinadeState] that pays.
	State solana.PublicKey `json:"state_address"`
	// Beneficiary is the system account that receives the payment, no matter
	// which account claims it.
	Beneficiary solana.PublicKey `json:"beneficiary"`
	// Lamports is the payment, without the rent of the ticket account.
	Lamports uint64 `json:"lamports_amount"`
	// CreatedEpoch is the epoch of the order. It is the next epoch if Marinade
	// had already begun to unstake for the epoch of the order.
	CreatedEpoch uint64 `json:"created_epoch"`
}

// DecodeMarinadeTicket decodes a ticket account.
func DecodeMarinadeTicket(account Account) (*MarinadeTicket, error) {
	return decode[MarinadeTicket](account, ownedBy(&account, MarinadeProgram))
}

// Encode returns the packed form, 88 bytes.
func (t MarinadeTicket) Encode() []byte { return encode(&t) }

// UnmarshalWithDecoder implements bin.BinaryUnmarshaler.
func (t *MarinadeTicket) UnmarshalWithDecoder(dec *bin.Decoder) error { return unmarshal(t, dec) }

// MarshalWithEncoder implements bin.BinaryMarshaler.
func (t MarinadeTicket) MarshalWithEncoder(enc *bin.Encoder) error { return marshal(&t, enc) }

func (*MarinadeTicket) name() string { return "Marinade ticket" }

func (t *MarinadeTicket) read(r *wire.Reader) {
	expectTag(r, marinadeTagTicket)
	t.State = r.Key("state_address")
	t.Beneficiary = r.Key("beneficiary")
	t.Lamports = r.U64("lamports_amount")
	t.CreatedEpoch = r.U64("created_epoch")
}

func (t *MarinadeTicket) write(w *wire.Writer) {
	w.Raw([]byte(marinadeTagTicket))
	w.Key(t.State)
	w.Key(t.Beneficiary)
	w.U64(t.Lamports)
	w.U64(t.CreatedEpoch)
}
