// Package explain says in words what a transaction does, whoever made it, and checks it against what its owner wants.
//
// [Transaction] names the program, the instruction, the amounts and the accounts of everything in a transaction, from tables of the
// programs that this module uses. What is not in the tables is shown as unknown, and never guessed. [Verify] then checks the whole
// against a [Policy], and refuses what it cannot account for.
//
// The package knows no network. It reads the bytes alone, so it cannot know what accounts hold, what a pool is worth or what programs
// do beside what their instructions say.
package explain
