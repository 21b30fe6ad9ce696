package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// marinadeTicketName is the name of a ticket in a DecodeError.
const marinadeTicketName = "Marinade ticket"

func marinadeTicketCodec() codec {
	return newCodec(marinadeTicketName, accounts.DecodeMarinadeTicket,
		[]solana.PublicKey{accounts.MarinadeProgram},
		sample{
			name: "ticket",
			value: &accounts.MarinadeTicket{
				State:        keyAt(8),
				Beneficiary:  keyAt(40),
				Lamports:     u64At(72),
				CreatedEpoch: u64At(80),
			},
			packed: accounts.MarinadeTicketSpace,
		},
	)
}

func TestMarinadeTicket_Codec(t *testing.T) { checkCodec(t, marinadeTicketCodec()) }

// TestMarinadeTicket_Layout checks the positions of the fields in the program.
func TestMarinadeTicket_Layout(t *testing.T) {
	packed := marinadeTicketCodec().samples[0].value.Encode()
	require.Equal(t, []byte{0x85, 0x4d, 0x12, 0x62, 0xd3, 0x01, 0xe7, 0x03}, packed[:8])
	checkSpots(t, packed, 8, spot{8, 32}, spot{40, 32}, spot{72, 8}, spot{80, 8})
}

func TestMarinadeTicket_Invalid(t *testing.T) {
	c := marinadeTicketCodec()
	packed := c.samples[0].value.Encode()
	for _, test := range []struct {
		with byte
		want error
	}{{0xd8, accounts.ErrWrongType}, {0x86, accounts.ErrWrongType}} {
		got, err := c.decode(c.account(c.samples[0], patch(packed, 0, test.with)))
		require.Nil(t, got)
		requireDecodeError(t, err, marinadeTicketName, sampleAddress, test.want)
	}

	got, err := c.decode(c.account(c.samples[0], make([]byte, accounts.MarinadeTicketSpace)))
	require.Nil(t, got)
	requireDecodeError(t, err, marinadeTicketName, sampleAddress, accounts.ErrUninitialized)
}

func FuzzDecodeMarinadeTicket(f *testing.F) { fuzzDecode(f, marinadeTicketName) }
