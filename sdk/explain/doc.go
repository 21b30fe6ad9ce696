// Package explain says in words what a transaction does, whoever made it, and
// checks it against what its owner, or its sponsor, wants.
//
// [Transaction] names the program, the instruction, the amounts and the
// accounts of everything in a transaction, from tables of the programs that
// this module uses. What is not in the tables is shown as unknown, and never
// guessed. [Verify] checks the whole against the [Policy] of its owner, and
// [VerifySponsor] against that of who pays for it. A wallet with a client at
// hand calls the client's Review, which reads lookup tables, rents and balances
// from the chain, and then the client's Witness.
//
// # What Verify promises
//
// The owner's value is the lamports of the wallet, the associated token
// accounts of the mints that the policy names, with wrapped SOL among them, the
// stake accounts that the policy names or the transaction gives the owner, and
// temporary accounts while they live. Anything else has left. A transaction
// that Verify accepts, if it lands, keeps all of this. Behind each clause are
// tests that fail without it.
//
//   - Lifetime. An account is temporary from the instruction that creates it,
//     by a seed of the owner's and empty, to the one that closes it. It is not
//     used before or after, not created over another one, and not left open. An
//     address that is allocated after it collected SOL is known to be vacant.
//     (TestVerify_Lifetimes, TestVerify_Attacks)
//   - Places. Every instruction is known, and of an allowed program. The
//     owner's key and accounts are only where the table of the instruction
//     expects them, and an instruction that the owner does not authorize names
//     neither. (TestVerify_Places)
//   - Transfers. SOL of the owner's goes to accounts of the owner's, to the
//     payer within MaxLamports, and to the destinations in Transfers within
//     their limits. Tokens go to accounts of the owner's of wrapped SOL alone.
//     (TestVerify_Transfers)
//   - Payouts. A temporary account closes to the owner, to the recipient, or to
//     the payer if what it holds is known to the lamport; it does not pass what
//     a program paid on to another account. (TestVerify_Payouts)
//   - Outcomes. Trades pay to the value of the owner's, or to the recipient's
//     wallet or associated token accounts, and to nothing else.
//     (TestVerify_Outcomes, TestVerify_Bridges)
//   - Most. No more leaves the owner's value, net of what certainly arrived,
//     than MaxLamports, MaxTokens and, of each stake account, MaxStake. What a
//     program may take counts in full. (TestVerify_Corpus, TestVerify_Payouts)
//   - Least. At least MinLamports, MinTokens and MinStake certainly arrive, by
//     a limit inside an instruction or a check of a balance that can only be
//     met by what arrived. (TestVerify_Corpus, TestVerify_Outcomes)
//   - Control. The owner gives no authority, delegate or program a hand in any
//     account. Of stake accounts, each thing that may happen is permitted by
//     itself, for the account that is named; a new one is handed to the
//     recipient with both authorities or with none. (TestVerify_Stake,
//     TestVerify_StakeTrades, TestVerify_Places)
//   - Rents. Accounts that stay are made at the owner's cost within
//     MaxNewAccounts and MaxRent, and only if they are used.
//     (TestVerify_NewAccounts)
//   - Form. Fee, signers by the header, size and version are within the policy,
//     and a nonce is the one that it names. (TestVerify_Form,
//     TestTransaction_HeaderSigners, TestVerify_Places)
//
// The rules by which instructions change the owner's accounts are in rules.go,
// what the accounts go through in ledger.go.
//
// # What it cannot see
//
// Verify reads bytes. It does not know what accounts hold, other than the
// policy tells it, nor who has a hand in them from before: that an associated
// token account is still the owner's, that a mint is worth something and takes
// no fee for transfers, that the policy's balances still hold when the
// transaction lands. It takes programs by their word: that an instruction does
// what it says, takes no more, and looks at its accounts as the builds do that
// this module was tested with. What a signature costs it knows if a node told
// it, and estimates otherwise (FeeTold). A limit is a limit: whoever can move a
// price may move it up to there.
//
// [VerifyOutcome] compares states. It sees what programs do and who has a hand
// in what, but in one state, by the word of one node, of the accounts that the
// transaction writes. It cannot see what the same bytes do in another state,
// now or, with a nonce, at any later time.
//
// Neither sees what several transactions do that are signed together: each
// policy is about the state before its transaction, so verify the next one
// after the first has landed.
package explain
