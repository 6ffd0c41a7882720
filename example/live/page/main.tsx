// SPDX-License-Identifier: Apache-2.0

// The live board of sockgen's example, on the React hooks that sockgen generates.
import { createRoot } from "react-dom/client";
import { byID } from "../../site/dom";
import { showClippedTexts } from "../../site/tooltips";
import { App } from "./app";

createRoot(byID("board", HTMLElement)).render(<App />);
showClippedTexts();
