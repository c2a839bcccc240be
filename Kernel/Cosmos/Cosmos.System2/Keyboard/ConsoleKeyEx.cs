namespace Cosmos.System;

/// <summary>Keys of a keyboard, in Cosmos's order.</summary>
public enum ConsoleKeyEx
{
    /// <summary>None of the others.</summary>
    NoName,

    /// <summary>Escape.</summary>
    Escape,

    /// <summary>Function key 1.</summary>
    F1,

    /// <summary>Function key 2.</summary>
    F2,

    /// <summary>Function key 3.</summary>
    F3,

    /// <summary>Function key 4.</summary>
    F4,

    /// <summary>Function key 5.</summary>
    F5,

    /// <summary>Function key 6.</summary>
    F6,

    /// <summary>Function key 7.</summary>
    F7,

    /// <summary>Function key 8.</summary>
    F8,

    /// <summary>Function key 9.</summary>
    F9,

    /// <summary>Function key 10.</summary>
    F10,

    /// <summary>Function key 11.</summary>
    F11,

    /// <summary>Function key 12.</summary>
    F12,

    /// <summary>Print Screen.</summary>
    PrintScreen,

    /// <summary>Scroll Lock.</summary>
    ScrollLock,

    /// <summary>Pause Break.</summary>
    PauseBreak,

    /// <summary>Backquote.</summary>
    Backquote,

    /// <summary>1 of the row of digits.</summary>
    D1,

    /// <summary>2 of the row of digits.</summary>
    D2,

    /// <summary>3 of the row of digits.</summary>
    D3,

    /// <summary>4 of the row of digits.</summary>
    D4,

    /// <summary>5 of the row of digits.</summary>
    D5,

    /// <summary>6 of the row of digits.</summary>
    D6,

    /// <summary>7 of the row of digits.</summary>
    D7,

    /// <summary>8 of the row of digits.</summary>
    D8,

    /// <summary>9 of the row of digits.</summary>
    D9,

    /// <summary>0 of the row of digits.</summary>
    D0,

    /// <summary>Minus.</summary>
    Minus,

    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Backslash.</summary>
    Backslash,

    /// <summary>Backspace.</summary>
    Backspace,

    /// <summary>Tab.</summary>
    Tab,

    /// <summary>Q.</summary>
    Q,

    /// <summary>W.</summary>
    W,

    /// <summary>E.</summary>
    E,

    /// <summary>R.</summary>
    R,

    /// <summary>T.</summary>
    T,

    /// <summary>Y.</summary>
    Y,

    /// <summary>U.</summary>
    U,

    /// <summary>I.</summary>
    I,

    /// <summary>O.</summary>
    O,

    /// <summary>P.</summary>
    P,

    /// <summary>LBracket.</summary>
    LBracket,

    /// <summary>RBracket.</summary>
    RBracket,

    /// <summary>Enter.</summary>
    Enter,

    /// <summary>Caps Lock.</summary>
    CapsLock,

    /// <summary>A.</summary>
    A,

    /// <summary>S.</summary>
    S,

    /// <summary>D.</summary>
    D,

    /// <summary>F.</summary>
    F,

    /// <summary>G.</summary>
    G,

    /// <summary>H.</summary>
    H,

    /// <summary>J.</summary>
    J,

    /// <summary>K.</summary>
    K,

    /// <summary>L.</summary>
    L,

    /// <summary>Semicolon.</summary>
    Semicolon,

    /// <summary>Colon.</summary>
    Colon,

    /// <summary>Apostrophe.</summary>
    Apostrophe,

    /// <summary>Lower Than.</summary>
    LowerThan,

    /// <summary>Bigger Than.</summary>
    BiggerThan,

    /// <summary>Exclamation Point.</summary>
    ExclamationPoint,

    /// <summary>Left Shift.</summary>
    LShift,

    /// <summary>Right Shift.</summary>
    RShift,

    /// <summary>The key beside the left Shift of ISO keyboards.</summary>
    OEM102,

    /// <summary>The key beside Enter of ISO keyboards.</summary>
    OEM5,

    /// <summary>Z.</summary>
    Z,

    /// <summary>X.</summary>
    X,

    /// <summary>C.</summary>
    C,

    /// <summary>V.</summary>
    V,

    /// <summary>B.</summary>
    B,

    /// <summary>N.</summary>
    N,

    /// <summary>M.</summary>
    M,

    /// <summary>Comma.</summary>
    Comma,

    /// <summary>Period.</summary>
    Period,

    /// <summary>Slash.</summary>
    Slash,

    /// <summary>Left Ctrl.</summary>
    LCtrl,

    /// <summary>Right Ctrl.</summary>
    RCtrl,

    /// <summary>Left Windows key.</summary>
    LWin,

    /// <summary>Left Alt.</summary>
    LAlt,

    /// <summary>Right Alt.</summary>
    RAlt,

    /// <summary>Spacebar.</summary>
    Spacebar,

    /// <summary>AltGr.</summary>
    AltGr,

    /// <summary>Right Windows key.</summary>
    RWin,

    /// <summary>Menu.</summary>
    Menu,

    /// <summary>Insert.</summary>
    Insert,

    /// <summary>Home.</summary>
    Home,

    /// <summary>Page Up.</summary>
    PageUp,

    /// <summary>Delete.</summary>
    Delete,

    /// <summary>End.</summary>
    End,

    /// <summary>Page Down.</summary>
    PageDown,

    /// <summary>Up Arrow.</summary>
    UpArrow,

    /// <summary>Down Arrow.</summary>
    DownArrow,

    /// <summary>Left Arrow.</summary>
    LeftArrow,

    /// <summary>Right Arrow.</summary>
    RightArrow,

    /// <summary>Num Lock.</summary>
    NumLock,

    /// <summary>Divide of the keypad.</summary>
    NumDivide,

    /// <summary>Multiply of the keypad.</summary>
    NumMultiply,

    /// <summary>Minus of the keypad.</summary>
    NumMinus,

    /// <summary>7 of the keypad.</summary>
    Num7,

    /// <summary>8 of the keypad.</summary>
    Num8,

    /// <summary>9 of the keypad.</summary>
    Num9,

    /// <summary>Plus of the keypad.</summary>
    NumPlus,

    /// <summary>4 of the keypad.</summary>
    Num4,

    /// <summary>5 of the keypad.</summary>
    Num5,

    /// <summary>6 of the keypad.</summary>
    Num6,

    /// <summary>1 of the keypad.</summary>
    Num1,

    /// <summary>2 of the keypad.</summary>
    Num2,

    /// <summary>3 of the keypad.</summary>
    Num3,

    /// <summary>0 of the keypad.</summary>
    Num0,

    /// <summary>Period of the keypad.</summary>
    NumPeriod,

    /// <summary>Enter of the keypad.</summary>
    NumEnter,

    /// <summary>Power.</summary>
    Power,

    /// <summary>Sleep.</summary>
    Sleep,

    /// <summary>Wake.</summary>
    Wake,
}
