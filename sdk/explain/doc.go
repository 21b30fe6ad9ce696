// Package explain describes what a transaction does and checks it against the
// policy of its owner or of its sponsor, whoever built the transaction.
//
// Start with [Transaction], which returns an [Explanation], and [Verify], which
// checks it against the [Policy] of the owner. [VerifySponsor] protects the fee
// payer of a sponsored transaction. [VerifyOutcome] checks a simulation.
//
//	partial, err := txn.Parse(transaction, lifetime)
//	if err != nil {
//		log.Fatal(err)
//	}
//	explanation := explain.Transaction(partial.Unsigned(), lst.Default())
//	fmt.Print(explanation)
//	err = explain.Verify(explanation, explain.Policy{
//		Owner:       wallet.PublicKey(),
//		MaxLamports: 1_000_000_000,
//		MinTokens:   map[solana.PublicKey]uint64{bSOL.Mint: 815_000_000},
//	})
//
// An explanation names the program, the instruction, the amounts and the
// accounts of everything in a transaction, from tables of the programs that
// this module uses. An instruction that is in no table is shown as unknown.
//
// A wallet that has a client calls the client's Review and then its Witness.
// Review reads lookup tables, rents and balances from the chain.
//
// # What Verify promises
//
// The owner's value consists of the lamports of the wallet, the associated
// token accounts of the mints that the policy names, including wrapped SOL, the
// token accounts that the policy names, the stake accounts that it names or
// that the transaction gives to the owner, and temporary accounts while they
// exist. Everything else has left the
// owner. If a transaction that Verify accepts lands, all of the following
// clauses hold. Each clause lists the tests that fail without it.
//
//   - Lifetime. An account is temporary from the instruction that creates it,
//     empty and from a seed of the owner, to the instruction that closes it. It
//     is not used before or after, does not replace another account, and is not
//     left open. An address that is allocated after it collected SOL is known
//     to be vacant. (TestVerify_Lifetimes, TestVerify_Attacks)
//   - Places. Every instruction is known and belongs to an allowed program. The
//     owner's key and accounts occur only where the table of the instruction
//     expects them. An instruction that the owner does not authorize names
//     neither. (TestVerify_Places)
//   - Transfers. SOL of the owner goes only to accounts of the owner, to the
//     payer within MaxLamports, and to the destinations in Transfers within
//     their limits. Tokens go only to wrapped SOL accounts of the owner.
//     (TestVerify_Transfers)
//   - Payouts. A temporary account closes to the owner, to the recipient, to a
//     wrapped SOL account of one of them, or to the payer if its balance is
//     known to the lamport. It does not pass on to another account what a
//     program paid into it. (TestVerify_Payouts, TestVerify_NamedAccounts)
//   - Outcomes. Trades pay only to the owner's value, or to the recipient's
//     wallet, associated token accounts, or accounts that the policy names.
//     (TestVerify_Outcomes, TestVerify_Bridges, TestVerify_NamedAccounts)
//   - Most. At most MaxLamports, MaxTokens and, for each stake account,
//     MaxStake leave the owner's value, net of what certainly arrives. The
//     maximum that a program may take counts in full. (TestVerify_Corpus,
//     TestVerify_Payouts)
//   - Least. At least MinLamports, MinTokens and MinStake certainly arrive. A
//     limit inside an instruction enforces this, or a balance check that only
//     the arrived amount can satisfy. (TestVerify_Corpus, TestVerify_Outcomes)
//   - Control. The owner gives no authority, delegate or program control over
//     any account. The policy must permit each kind of change of a stake
//     account separately, and for that account. A new stake account is given to
//     the recipient with both authorities or not at all. (TestVerify_Stake,
//     TestVerify_StakeTrades, TestVerify_Places)
//   - Receipts. A stake account becomes a receipt of Jito's stake deposit
//     interceptor only through one of the stake pool programs, and the receipt
//     is the recipient's. New receipts are over at least MinReceipts. Only
//     receipts that the policy names are claimed, for the owner, and no receipt
//     of the owner is given away. (TestVerify_ReceiptDeposits,
//     TestVerify_ReceiptClaims)
//   - Rents. The owner pays for accounts that stay only within MaxNewAccounts
//     and MaxRent, and only if the transaction uses them.
//     (TestVerify_NewAccounts)
//   - Form. The network fee, the signers in the header, the size and the
//     version are within the policy. A nonce is the one that the policy names.
//     (TestVerify_Form, TestTransaction_HeaderSigners, TestVerify_Places)
//
// The rules for the effect of instructions on the owner's accounts are in the
// files rules*.go, the states of these accounts in ledger.go.
//
// # What it cannot see
//
// Verify reads only bytes. It does not know:
//
//   - what accounts hold, other than what the policy states, and who controls
//     them already. For example, it does not know whether an associated token
//     account still belongs to the owner, whether a mint has value or charges
//     transfer fees, or whether the balances in the policy still hold when the
//     transaction lands;
//   - what programs do. It assumes that they behave like the builds that this
//     module was tested with: an instruction does what it states, takes no
//     more, and checks its accounts in the same way;
//   - the base fee, unless a node reported it. Otherwise the network fee is an
//     estimate, see the field FeeKnown of [Explanation].
//
// A limit is the worst accepted result: anyone who can move a price can move it
// up to the limit.
//
// [VerifyOutcome] compares two states. It sees what programs do and who
// controls which account, but only in one state, as one node reports it, and
// only in the accounts that the transaction writes. It cannot see what the same
// bytes do in another state, now or, with a nonce, at any later time.
//
// Neither function sees the combined effect of several transactions that are
// signed together. Each policy applies to the state before its transaction.
// Verify the next transaction after the first one has landed.
//
// # Errors
//
// Every refusal is a [*VerifyError], which names the instruction and wraps one
// of the errors of this package, for example [ErrSpendLimit]. Test for them
// with errors.Is. Do not sign a transaction that is refused.
//
// # Concurrency
//
// All functions are safe for concurrent use. They read no network and no clock.
package explain
