"""The words of the program in the languages of the people who use it; knows no Qt."""
