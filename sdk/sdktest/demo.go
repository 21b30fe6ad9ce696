package sdktest

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// acceptedUnits is the number of compute units that each transaction uses after
// [Node.AcceptAll].
const acceptedUnits = 200_000

// DemoClient returns a client of the embedded market, see [Demo], and a new
// random key. The node accepts all transactions, see [Node.AcceptAll], so that
// a program can be tried from the quote to the receipt without a network.
func DemoClient() (*sdk.Client, *txn.KeySigner, error) {
	node, err := Demo()
	if err != nil {
		return nil, nil, err
	}

	node.AcceptAll()

	client, err := node.Client()
	if err != nil {
		return nil, nil, err
	}

	key, err := txn.GenerateKeySigner()

	return client, key, err
}

// version1Feature returns the account of the feature that makes the network
// take transactions of version 1, which is active on mainnet.
func version1Feature() accounts.Account {
	return accounts.Account{
		Address:  accounts.Version1Feature,
		Owner:    accounts.FeatureProgram,
		Lamports: 953_520,
		Data:     append([]byte{1}, make([]byte, 8)...),
	}
}

// DemoValidator returns the vote account of a validator in the embedded market.
// hubSOL, Marinade and the Reserve accept its stake.
func DemoValidator() solana.PublicKey {
	return solana.MustPublicKeyFromBase58("7K8DVxtNJGnMtUY1CQJT5jcs8sFGSZTDiG7kowvFpECh")
}

// Pass lets slots pass: it adds them to the slot of the node, with one block
// each, and moves its Clock sysvar by as many slots of 400 ms. Stake pools stay
// as they are, and the epoch does not end.
func (n *Node) Pass(slots uint64) {
	n.lock(func() {
		n.slot += slots
		account, ok := n.accounts[accounts.ClockSysvar]
		if !ok {
			return
		}

		clock, err := accounts.DecodeClock(account)
		if err != nil {
			return
		}

		// A slot takes two fifths of a second.
		seconds := (clock.Slot+slots)*2/5 - clock.Slot*2/5
		clock.Slot += slots
		clock.UnixTimestamp += int64(seconds)
		account.Data = clock.Encode()
		n.accounts[accounts.ClockSysvar] = account
	})
}

// AcceptAll makes the node accept all transactions: a simulation succeeds with
// 200,000 compute units, and a sent transaction lands one slot later with
// commitment confirmed. No program runs, so accounts do not change.
func (n *Node) AcceptAll() {
	n.OnSimulate(func([]byte) Simulation { return Simulation{Units: acceptedUnits} })
	n.OnSend(func(raw []byte) *Error {
		signature, failure := firstSignature(raw)
		if failure != nil {
			return failure
		}

		n.Advance(1)
		fee, _ := feeOf(messageOf(raw))
		n.lock(func() {
			n.statuses[signature] = Status{
				Slot:         n.slot,
				Confirmation: "confirmed",
				Units:        acceptedUnits,
				Fee:          fee,
			}
		})

		return nil
	})
}

// AddStakeAccount adds a stake account and returns its address. The account
// holds lamports of stake and, in addition, its rent. The owner is staker and
// withdrawer. The stake is delegated to the validator since epoch 0. If
// cooledDown is set, it was deactivated in epoch 1.
func (n *Node) AddStakeAccount(
	owner, validator solana.PublicKey,
	lamports uint64,
	cooledDown bool,
) (address solana.PublicKey) {
	delegation := accounts.Delegation{
		Voter:             validator,
		Stake:             lamports,
		ActivationEpoch:   0,
		DeactivationEpoch: accounts.NeverEpoch,
	}
	if cooledDown {
		delegation.DeactivationEpoch = 1
	}

	n.lock(func() {
		seed := binary.LittleEndian.AppendUint64([]byte("stake account"), uint64(len(n.accounts)))
		address = sha256.Sum256(seed)

		var rent uint64
		if price, err := accounts.DecodeRent(n.accounts[accounts.RentSysvar]); err == nil {
			rent, _ = price.MinimumBalance(accounts.StakeAccountSpace)
		}

		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, accounts.StakeAccount{
			State:             accounts.StakeDelegated,
			RentExemptReserve: rent,
			Staker:            owner,
			Withdrawer:        owner,
			Delegation:        delegation,
		}.Encode())

		n.accounts[address] = accounts.Account{
			Address:  address,
			Owner:    accounts.StakeProgram,
			Lamports: rent + lamports,
			Data:     data,
		}
	})

	return address
}
