// SPDX-License-Identifier: Apache-2.0

// Package scaffold has the chat that sockgen init begins a project with, and puts
// it into a folder.
//
// The chat is real: app/ is a Go package of this module that is built and tested
// as all others are, and web/ has one page for each way of writing one. What they
// give is a project after the name of the module has taken the place of app's
// import path, and that of the project the place of the word sockgen-chat.
//
// What sockgen generates from the schema is not part of it: the command does that
// in the new folder.
package scaffold
