package serve

import (
	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// placeFee decides which side of a swap pays the fee of the application: the
// side whose token the fee account holds. A fee in SOL goes to a wallet, or to
// a wSOL account, whose balance the transaction then synchronizes.
func (x *exchange) placeFee(s *swap) error {
	fee := &s.req.IntegratorFee
	found, err := x.h.config.Client.RPC().GetMultipleAccountsWithOpts(x.r.Context(),
		[]solana.PublicKey{fee.Account},
		&rpc.GetMultipleAccountsOpts{Encoding: solana.EncodingBase64})
	if err != nil {
		return err
	}

	if len(found.Value) != 1 || found.Value[0] == nil || found.Value[0].Data == nil {
		return invalid("feeAccount %s does not exist (create it first)", fee.Account)
	}

	account := found.Value[0]
	if account.Owner == accounts.SystemProgram {
		return s.placeFeeInSOL()
	}

	held, err := accounts.DecodeTokenAccount(accounts.Account{
		Address:  fee.Account,
		Owner:    account.Owner,
		Lamports: account.Lamports,
		Data:     account.Data.GetBinary(),
	})
	if err != nil {
		return invalid("feeAccount %s is neither a token account nor a wallet", fee.Account)
	}

	switch held.Mint {
	case s.req.To:
	case s.req.From:
		fee.OnInput = true
	default:
		return invalid("feeAccount %s holds neither token of the swap", fee.Account)
	}

	if !isSOL(held.Mint) || s.req.UseWSOL {
		return nil
	}

	// Lamports that arrive by a transfer count as wSOL once synchronized.
	sync, err := txn.SyncWSOL(fee.Account)
	if err != nil {
		return err
	}

	s.opts.After = append(s.opts.After, sync)
	return nil
}

// placeFeeInSOL lets the side that is native SOL pay the fee to a wallet.
func (s *swap) placeFeeInSOL() error {
	fee := &s.req.IntegratorFee
	switch {
	case s.req.UseWSOL:
	case isSOL(s.req.To):
		return nil
	case isSOL(s.req.From):
		fee.OnInput = true
		return nil
	}
	return invalid("feeAccount %s is a wallet, which takes SOL only", fee.Account)
}
