// Package instructions builds the instructions of every on-chain program this
// module touches: one struct per instruction, whose Build method returns a
// solana.Instruction.
//
// Build derives nothing from the network and fills in nothing by guess: a key
// that is missing, an amount of zero or fields that contradict each other are a
// [*BuildError]. What it returns is not shared: changing it changes nothing
// else.
package instructions
